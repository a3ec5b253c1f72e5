import type { Alert } from '@poolscope/protocol'
import type { DryRun, NotJudged } from '../alerts/dry-run.ts'

/** Names in one line; the rest is counted. */
const NAMES_SHOWN = 5

/** A moment to the second, as `--from` takes it. */
export function shownTime(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** What a dry run found, for a terminal. */
export function dryRunLines(found: DryRun): string[] {
  const { alerts, notJudged, off } = found
  const never = notJudged.filter(({ ratio }) => ratio === 1)
  const partly = notJudged.filter(({ ratio }) => ratio < 1)
  return [
    ...coverage(found),
    '',
    alerts.length === 0
      ? 'Nothing would have fired.'
      : `${alerts.length} ${alerts.length === 1 ? 'alert' : 'alerts'} would have fired:`,
    ...alerts.flatMap(alertLines),
    ...section('Not judged, so that silence says nothing:', never.map(doubtLine)),
    ...section('Not judged all of the time:', partly.map(doubtLine)),
    ...section('Turned off:', off.length === 0 ? [] : [`  ${off.join(', ')}`]),
  ]
}

function coverage({ fromMs, toMs, rows, subjects }: DryRun): string[] {
  const parts = rows.map(({ stepMs, coveredMs }) => `${span(coveredMs)} in rows of ${span(stepMs)}`)
  const covered = rows.reduce((sum, { coveredMs }) => sum + coveredMs, 0)
  const missing = toMs - fromMs - covered
  return [
    `From ${shownTime(fromMs)} to ${shownTime(toMs)}, pool groups and servers: ${subjects}; ${parts.join(', ')}${missing >= 1000 ? `, nothing recorded of ${span(missing)}` : ''}.`,
    ...(rows.some(({ stepMs }) => stepMs > 1000)
      ? ['Longer rows hold averages: what was shorter than a row may have fired then and is not seen here.']
      : []),
  ]
}

function alertLines(alert: Alert): string[] {
  const { severity, rule, subjectName, subject, sinceMs, firedMs, resolvedMs, message, symptoms } = alert
  const until = resolvedMs === null ? 'to the end of the range' : `until ${shownTime(resolvedMs)}`
  const fired = firedMs === null ? '' : `, fires at ${shownTime(firedMs)}`
  return [
    '',
    `${severity} ${rule}: ${subjectName}`,
    `  since ${shownTime(sinceMs)}${fired}, ${until}`,
    `  ${message}`,
    ...symptoms.map(
      (symptom) =>
        `  with ${symptom.rule}${symptom.subject === subject ? '' : ` of ${symptom.subject}`}: ${symptom.message}`,
    ),
  ]
}

function doubtLine({ reason, rules, subjects, ratio }: NotJudged): string {
  const share = ratio === 1 ? '' : `${percent(ratio)} of the time: `
  return `  ${share}${rules.join(', ')} (${named(subjects)}): ${reason}`
}

/** A part of the time is never shown as all of it or none. */
function percent(ratio: number): string {
  return ratio < 0.01 ? 'under 1 %' : `${Math.min(99, Math.round(ratio * 100))} %`
}

function named(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN
  return more <= 0 ? names.join('; ') : `${names.slice(0, NAMES_SHOWN).join('; ')} and ${more} more`
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines]
}

/** A length of time in its largest units, such as 1 d 4 h. */
function span(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const units: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ]
  return (
    units
      .filter(([count]) => count > 0)
      .slice(0, 2)
      .map(([count, unit]) => `${count} ${unit}`)
      .join(' ') || '0 s'
  )
}
