import type { Alert, Level, Severity, SubjectKind } from '@poolscope/protocol'
import type { MarkStatus } from '../ui/StatusMark.tsx'
import { groupHref, serverHref } from './href.ts'

/** The mark of a severity. */
export const SEVERITY_MARKS: Readonly<Record<Severity, MarkStatus>> = {
  info: 'info',
  warn: 'warning',
  critical: 'critical',
}

/** The mark of what a rule finds. */
export const LEVEL_MARKS: Readonly<Record<Level, MarkStatus>> = {
  ok: 'ok',
  unknown: 'unknown',
  warn: 'warning',
  critical: 'critical',
}

/** The page of what an alert or a verdict is about. */
export function subjectHref(kind: SubjectKind, id: string): string {
  return kind === 'group' ? groupHref(id) : serverHref(id)
}

/** The page of an alert. */
export function alertHref(id: string): string {
  return `/alerts/${encodeURIComponent(id)}`
}

/** The alerts of one subject. */
export function alertsOfHref(subject: string): string {
  return `/alerts?subject=${encodeURIComponent(subject)}`
}

/** How long an alert has lasted, or lasted in all, ms. */
export function durationOf({ sinceMs, resolvedMs }: Pick<Alert, 'sinceMs' | 'resolvedMs'>, nowMs: number) {
  return Math.max(0, (resolvedMs ?? nowMs) - sinceMs)
}
