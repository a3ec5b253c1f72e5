import type { Alert, Annotation } from '@poolscope/protocol'

/** The mark of an alert on the charts of what it is about. */
export function annotationOf(alert: Alert): Annotation {
  const { id, firedMs, sinceMs, title, message, subject, subjectKind, severity } = alert
  return {
    id: `alert:${id}`,
    atMs: firedMs ?? sinceMs,
    kind: 'alert',
    text: `${title}: ${message}`,
    service: null,
    poolId: subjectKind === 'group' ? subject : null,
    serverId: subjectKind === 'server' ? subject : null,
    tags: [severity],
  }
}
