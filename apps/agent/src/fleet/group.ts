import type { GroupNow, PoolNow } from '@poolscope/protocol'
import { PoolDurations } from './durations.ts'
import { busyRatio } from './pool-entry.ts'
import { judgeGroup } from './status.ts'

/**
 * The same pool across its instances: sums of counts and rates, percentiles of the merged
 * histograms, largest of peaks that need not coincide. Silent instances are left out of the sums
 * unless all are silent. A sum with an unknown part is unknown.
 * @param pools at least one, all of one group
 * @param durationsOf what was measured in a pool with a probe
 * @param looksOf what looks at its held connections found
 */
export function groupNow(
  pools: readonly PoolNow[],
  durationsOf: (id: string) => PoolDurations | undefined,
  looksOf: (id: string) => { busy: number; idle: number } | undefined,
): GroupNow {
  const first = pools[0] as PoolNow
  const fresh = pools.filter((pool) => !pool.stale)
  const counted = fresh.length > 0 ? fresh : pools
  const sum = (read: (pool: PoolNow) => number | null) => total(counted.map(read))
  const inUse = sum((pool) => pool.inUse)
  const max = sum((pool) => pool.max)
  const one = counted[0] as PoolNow
  const { wait, hold, create } =
    counted.length === 1
      ? { wait: one.waitMs, hold: one.holdMs, create: one.createMs }
      : PoolDurations.merged(counted.flatMap((pool) => durationsOf(pool.id) ?? []))
  return {
    id: first.groupId,
    service: first.service,
    name: first.name,
    system: first.system,
    origin: first.origin,
    serverId: pools.every((pool) => pool.serverId === first.serverId) ? first.serverId : null,
    instances: counted.length,
    staleInstances: pools.length - fresh.length,
    max,
    min: sum((pool) => pool.min),
    inUse,
    idle: sum((pool) => pool.idle),
    connecting: sum((pool) => pool.connecting),
    waiting: sum((pool) => pool.waiting),
    inUsePeak: sum((pool) => pool.inUsePeak),
    waitingPeak: sum((pool) => pool.waitingPeak),
    oldestWaitMs: largest(counted.map((pool) => pool.oldestWaitMs)),
    utilizationRatio: inUse === null || max === null || max === 0 ? null : inUse / max,
    waitMs: wait,
    holdMs: hold,
    createMs: create,
    checkoutsPerSec: sum((pool) => pool.checkoutsPerSec),
    timeoutsPerSec: sum((pool) => pool.timeoutsPerSec),
    errorsPerSec: sum((pool) => pool.errorsPerSec),
    createdPerSec: sum((pool) => pool.createdPerSec),
    destroyedPerSec: sum((pool) => pool.destroyedPerSec),
    holdBusyRatio: busyRatio(counted.flatMap((pool) => looksOf(pool.id) ?? [])),
    windowMs: first.windowMs,
    ...judgeGroup(pools),
    atMs: Math.max(...counted.map((pool) => pool.atMs)),
    stale: fresh.length === 0,
  }
}

function total(values: readonly (number | null)[]): number | null {
  let sum = 0
  for (const value of values) {
    if (value === null) return null
    sum += value
  }
  return sum
}

function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.max(...known)
}
