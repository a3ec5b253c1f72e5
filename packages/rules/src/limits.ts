import type { Level } from '@poolscope/protocol'

/** Above `raise` a level begins; at or below `clear` it ends. Between the two it stays as it was. */
export type Limit = { raise: number; clear: number }

/**
 * The level of a value that is worse the larger it is.
 * @param before the level so far; a level that began ends only at its clear limit
 * @example levelAbove(0.75, 'warn', { warn: { raise: 0.8, clear: 0.7 } }) // 'warn', though 0.75 raises nothing
 */
export function levelAbove(value: number, before: Level, limits: { warn?: Limit; critical?: Limit }): Level {
  const stays = { warn: before === 'warn' || before === 'critical', critical: before === 'critical' }
  if (isAbove(value, limits.critical, stays.critical)) return 'critical'
  return isAbove(value, limits.warn, stays.warn) ? 'warn' : 'ok'
}

function isAbove(value: number, limit: Limit | undefined, stays: boolean): boolean {
  return limit !== undefined && value > (stays ? limit.clear : limit.raise)
}

/** The worst of some levels; `unknown` is worse than `ok`. Ok when there are none. */
export function worst(levels: Iterable<Level>): Level {
  let result: Level = 'ok'
  for (const level of levels) if (RANK[level] > RANK[result]) result = level
  return result
}

const RANK: Record<Level, number> = { ok: 0, unknown: 1, warn: 2, critical: 3 }
