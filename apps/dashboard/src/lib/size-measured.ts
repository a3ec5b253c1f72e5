import type { GroupDetail, History, PoolColumn, ServerNow } from '@poolscope/protocol'
import type { Measured } from './size-form.ts'

/** What a pool and its server tell the calculator, and how the pool is set now. */
export type PoolFacts = {
  name: string
  measured: Measured
  /** Max of each instance now; null when not known or not the same in all. */
  maxNow: number | null
  /** p95 of the wait, mean of the last minutes, ms. */
  waitMs: number | null
  /** Idle connections of max, mean of the last minutes, 0 to 1. */
  idleRatio: number | null
  serverId: string | null
}

/**
 * Takes the numbers of the last minutes from a pool group.
 *
 * The mean hold is what Little's law makes of them: connections in use on average, by checkouts a second on average.
 * @param server the watched server that it leads to; null when there is none
 */
export function factsOf(
  { group, pools }: GroupDetail,
  history: History,
  server: ServerNow | null,
): PoolFacts {
  const { rate, inUse } = trafficOf(history)
  const idle = meanOf(history, 'idle')
  const timeouts = pools.flatMap(({ acquireTimeoutMs }) => acquireTimeoutMs ?? [])
  const idles = pools.flatMap(({ idleTimeoutMs }) => idleTimeoutMs ?? [])
  const maxes = new Set(pools.map(({ max }) => max))
  const [only] = maxes
  return {
    name: `${group.service} / ${group.name}`,
    measured: {
      rate,
      hold: rate === null || inUse === null || rate === 0 || inUse === 0 ? null : (inUse / rate) * 1000,
      instances: Math.max(1, group.instances - group.staleInstances),
      timeout: timeouts.length === 0 ? null : Math.min(...timeouts),
      idle: idles.length === 0 ? null : Math.min(...idles),
      limit: server?.maxConnections ?? null,
      reserved: server?.reservedConnections ?? null,
    },
    maxNow: maxes.size === 1 && only !== undefined ? only : null,
    waitMs: meanOf(history, 'waitP95Ms'),
    idleRatio: idle === null || group.max === null || group.max === 0 ? null : idle / group.max,
    serverId: group.serverId,
  }
}

/** Over the moments at which both are known; null when there is none. */
function trafficOf({ atMs, columns }: History): { rate: number | null; inUse: number | null } {
  let [rate, inUse, count] = [0, 0, 0]
  for (let i = 0; i < atMs.length; i++) {
    const [arrived, held] = [columns.checkoutsPerSec?.[i], columns.inUse?.[i]]
    if (typeof arrived !== 'number' || typeof held !== 'number') continue
    rate += arrived
    inUse += held
    count += 1
  }
  return count === 0 ? { rate: null, inUse: null } : { rate: rate / count, inUse: inUse / count }
}

function meanOf({ columns }: History, name: PoolColumn): number | null {
  const known = (columns[name] ?? []).filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}
