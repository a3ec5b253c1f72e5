import { type Duration, type GroupNow, HISTOGRAM, type PoolNow } from '@poolscope/protocol'
import { type DurationWindow, summarize } from './duration-window.ts'
import { judgeGroup } from './status.ts'

type Windows = { wait: DurationWindow; hold: DurationWindow; create: DurationWindow }

/**
 * The same pool across its instances: sums of counts and rates, percentiles of the merged
 * histograms, largest of peaks that need not coincide. Silent instances are left out of the sums
 * unless all are silent. A sum with an unknown part is unknown.
 * @param pools at least one, all of one group
 * @param windowsOf the histograms of a pool with a probe
 */
export function groupNow(
  pools: readonly PoolNow[],
  windowsOf: (id: string) => Windows | undefined,
): GroupNow {
  const first = pools[0] as PoolNow
  const fresh = pools.filter((pool) => !pool.stale)
  const counted = fresh.length > 0 ? fresh : pools
  const sum = (read: (pool: PoolNow) => number | null) => total(counted.map(read))
  const inUse = sum((pool) => pool.inUse)
  const max = sum((pool) => pool.max)
  const windows = counted.map((pool) => windowsOf(pool.id)).filter((found) => found !== undefined)
  const merged = (which: keyof Windows, single: Duration) =>
    counted.length === 1 ? single : merge(windows.map((found) => found[which]))
  const one = counted[0] as PoolNow
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
    waitMs: merged('wait', one.waitMs),
    holdMs: merged('hold', one.holdMs),
    createMs: merged('create', one.createMs),
    checkoutsPerSec: sum((pool) => pool.checkoutsPerSec),
    timeoutsPerSec: sum((pool) => pool.timeoutsPerSec),
    errorsPerSec: sum((pool) => pool.errorsPerSec),
    createdPerSec: sum((pool) => pool.createdPerSec),
    destroyedPerSec: sum((pool) => pool.destroyedPerSec),
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

function merge(windows: readonly DurationWindow[]): Duration {
  const counts = new Uint32Array(HISTOGRAM.size)
  for (const window of windows) window.addTo(counts)
  return summarize(counts, largest(windows.map((window) => window.maxMs)))
}
