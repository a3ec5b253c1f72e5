import type { HeldLocks } from '@poolscope/protocol'
import { formatCount } from './format.ts'

/** Locks that are named in a line. */
const FEW = 3

/**
 * What a session keeps locked, in one line; `null` where that is not known, or it keeps nothing.
 * @example locksText({ listed: [], complete: true, rows: 2 }) // 'keeps 2 rows locked'
 */
export function locksText(locks: HeldLocks | null): string | null {
  if (locks === null) return null
  const held = locks.listed.filter(({ granted }) => granted)
  const names = held
    .slice(0, FEW)
    .map(({ kind, mode, relation, count }) =>
      [`${relation ?? kind} (${mode})`, count > 1 ? `× ${formatCount(count)}` : ''].join(' ').trim(),
    )
  const more = held.length - names.length
  const { rows } = locks
  const parts = [
    ...(rows === null || rows === 0 ? [] : [rows === 1 ? '1 row' : `${formatCount(rows)} rows`]),
    ...names,
    ...(more === 0 ? [] : [`${formatCount(more)} more`]),
  ]
  return parts.length === 0 ? null : `keeps ${parts.join(', ')} locked`
}
