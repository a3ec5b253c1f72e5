import type { PoolNow } from '@poolscope/protocol'
import { type Finding, unknown } from './rule.ts'
import type { GroupWindow, Series } from './windows.ts'

/** Instances whose numbers are of now. */
export function fresh({ pools }: Pick<GroupWindow, 'pools'>): PoolNow[] {
  return pools.filter((pool) => !pool.stale)
}

/** Whether a probe measures the group; only then are its limit, its waits and its errors known. */
export function isProbed({ group }: Pick<GroupWindow, 'group'>): boolean {
  return group.origin === 'probe'
}

/** Whether a pooler keeps the group. */
export function isKept({ group }: Pick<GroupWindow, 'group'>): boolean {
  return group.system === 'pgbouncer' && group.origin === 'observed' && group.waiting !== null
}

/** The instance that is worst by a number; null when it is known of none. */
export function worstBy(
  pools: readonly PoolNow[],
  read: (pool: PoolNow) => number | null,
): { pool: PoolNow; value: number } | null {
  let result: { pool: PoolNow; value: number } | null = null
  for (const pool of pools) {
    const value = read(pool)
    if (value !== null && (result === null || value > result.value)) result = { pool, value }
  }
  return result
}

/** Where an instance is meant among several, its name; nothing where there is only one. */
export function of(pool: PoolNow, { pools }: Pick<GroupWindow, 'pools'>): string {
  return pools.length > 1 ? ` (${pool.instance})` : ''
}

/** Whether an instance is full and hands nothing out. In a full pool each return would be followed by a checkout, or leave room. */
export function isStill(pool: {
  inUse: number | null
  max: number | null
  checkoutsPerSec: number | null
}): boolean {
  return (
    pool.max !== null &&
    pool.max > 0 &&
    pool.inUse !== null &&
    pool.inUse >= pool.max &&
    pool.checkoutsPerSec === 0
  )
}

/** The longest that a pool leaves a connection unused, ms: its idle time-out, or an age that ends it before; null for ever. */
export function idlesAtMostMs({
  idleTimeoutMs,
  maxLifetimeMs,
}: Pick<PoolNow, 'idleTimeoutMs' | 'maxLifetimeMs'>): number | null {
  const limits = [idleTimeoutMs, maxLifetimeMs].filter((ms) => ms !== null && ms > 0) as number[]
  return limits.length === 0 ? null : Math.min(...limits)
}

/** The known values of a column, oldest first, of its last `count` entries. */
export function known<Column extends string>(
  series: Series<Column>,
  column: Column,
  count = series.length,
): number[] {
  const values: number[] = []
  for (let i = Math.max(0, series.length - count); i < series.length; i++) {
    const value = series.at(column, i)
    if (value !== null) values.push(value)
  }
  return values
}

/** The value that a share of the values is at or below; null of nothing. @param share 0 to 1 */
export function quantile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number
}

/** The sum of numbers; null when one is not known. */
export function sum(values: readonly (number | null)[]): number | null {
  let total = 0
  for (const value of values) {
    if (value === null) return null
    total += value
  }
  return total
}

/** Whether it is a pool of a client, as against one that a pooler keeps. */
export function isClientPool(window: Pick<GroupWindow, 'group'>): boolean {
  return !isKept(window)
}

/** Whether it is a client's pool of connections that run statements in sessions. */
export function isSqlPool(window: Pick<GroupWindow, 'group'>): boolean {
  return isClientPool(window) && SQL.includes(window.group.system)
}

const SQL: readonly string[] = ['postgresql', 'mysql', 'mariadb', 'pgbouncer']

/** Why nothing can be said of a client's pool from its own numbers; null when something can. */
export function unmeasured(window: Pick<GroupWindow, 'group' | 'pools'>): Finding | null {
  if (!isProbed(window)) return unknown('No probe measures this pool: its limit and its waits are not known.')
  return fresh(window).length === 0 ? unknown('Reports stopped; the numbers are the last known.') : null
}
