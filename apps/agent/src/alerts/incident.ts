import type { Alert, Severity, Silence, Symptom } from '@poolscope/protocol'
import { guideOf } from '@poolscope/rules'
import type { Condition, SavedCondition } from './condition.ts'
import type { Named } from './silences.ts'

/** A cause with its symptoms, from its first moment to its end: what people call one alert. */
export type Incident = {
  id: string
  /**
   * What it was called, one after the other, as causes were found. By the first receivers know it again, whatever is
   * found out later.
   */
  names: [Named, ...Named[]]
  root: Condition
  members: Condition[]
  /** All that ever were members, those that ended before it too, by rule and subject. */
  everMembers: Map<string, Condition>
  sinceMs: number
  firedMs: number
  acknowledgedMs: number | null
  /** The most that people were told; null when they were not. */
  told: Severity | null
}

/** An incident in the state file. */
export type SavedIncident = Omit<Incident, 'root' | 'members' | 'everMembers'> & {
  members: SavedCondition[]
  root: number
}

const RANK: Record<Severity, number> = { info: 0, warn: 1, critical: 2 }

/** Whether `a` matters more than `b`; anything does more than nothing. */
export function isWorse(a: Severity, b: Severity | null): boolean {
  return b === null || RANK[a] > RANK[b]
}

/** How much an incident matters: as its worst member. */
export function severityOf(members: readonly Condition[]): Severity {
  return members.reduce<Severity>(
    (worst, { severity }) => (isWorse(severity, worst) ? severity : worst),
    'info',
  )
}

/** The incident as the API and notifications show it. */
export function alertOf(
  incident: Incident,
  silence: Silence | null,
  resolvedMs: number | null = null,
): Alert {
  const { root, members, firedMs, acknowledgedMs, id, sinceMs } = incident
  return {
    ...shown(root),
    id,
    severity: severityOf(members),
    state: resolvedMs === null ? 'firing' : 'resolved',
    sinceMs,
    firedMs,
    resolvedMs,
    symptoms: members.filter((member) => member !== root).map(symptomOf),
    acknowledgedMs,
    silenceId: silence?.id ?? null,
    flapping: members.some(({ flapping }) => flapping),
    // Whether there is one is known where they are kept.
    blackBox: false,
  }
}

/** A condition that has not lasted long enough yet, as the API shows it. */
export function pendingAlert(condition: Condition, silence: Silence | null): Alert {
  return {
    ...shown(condition),
    id: incidentId(condition),
    severity:
      condition.rule.severity === 'info' ? 'info' : condition.level === 'critical' ? 'critical' : 'warn',
    state: 'pending',
    sinceMs: condition.sinceMs as number,
    firedMs: null,
    resolvedMs: null,
    symptoms: [],
    acknowledgedMs: null,
    silenceId: silence?.id ?? null,
    flapping: condition.flapping,
    blackBox: false,
  }
}

/** An id that the pending alert and the incident that it becomes share; safe in a URL. */
export function incidentId({ rule, subject, sinceMs }: Condition): string {
  return `${rule.id}-${subject.id}-${(sinceMs as number).toString(36)}`
}

function shown({ rule, subject, finding }: Condition) {
  return {
    rule: rule.id,
    title: rule.title,
    guide: guideOf(rule),
    subjectKind: subject.kind,
    subject: subject.id,
    subjectName: subject.name,
    message: finding.sentence,
    evidence: finding.evidence,
    remedy: finding.remedy,
  }
}

function symptomOf({ rule, subject, severity, sinceMs, finding }: Condition): Symptom {
  return {
    rule: rule.id,
    subjectKind: subject.kind,
    subject: subject.id,
    severity,
    sinceMs: sinceMs as number,
    message: finding.sentence,
  }
}
