import type { Transition } from '../engine.ts'
import { type Posted, postJson } from './post.ts'

/** A channel takes one message a second. */
export const SLACK_SPACING_MS = 1000

const HEADINGS: Record<Transition['kind'], string> = { firing: 'Alert', worse: 'Worse', resolved: 'Resolved' }

/** The text of a message, in Slack's own marks; what comes from outside cannot add marks or links. */
export function slackText({ kind, alert }: Pick<Transition, 'kind' | 'alert'>, link: string | null): string {
  const title = `${HEADINGS[kind]} (${alert.severity}): ${alert.title}, ${alert.subjectName}`
  const shown = link === null ? `*${escaped(title)}*` : `*<${link}|${escaped(title)}>*`
  const lines = [shown, escaped(alert.message)]
  if (kind !== 'resolved') {
    if (alert.symptoms.length > 0)
      lines.push(escaped(`Because of it: ${alert.symptoms.map(({ message }) => message).join(' ')}`))
    if (alert.remedy !== null) lines.push(`_${escaped(alert.remedy)}_`)
  }
  return lines.join('\n')
}

/** Sends news to a webhook of Slack, or of anything that speaks like it. */
export function sendToSlack(
  url: string,
  transition: Transition,
  link: string | null,
  signal: AbortSignal,
): Promise<Posted> {
  return postJson(url, JSON.stringify({ text: slackText(transition, link) }), {}, signal)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
