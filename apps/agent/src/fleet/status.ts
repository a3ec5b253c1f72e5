import type { GroupNow, PoolNow, ServerNow, Status } from '@poolscope/protocol'
import { STATUSES } from '@poolscope/protocol'

/** A status and, unless all is well, why in one sentence. */
export type Verdict = { status: Status; reason: string | null }

const OK: Verdict = { status: 'ok', reason: null }

/** Share of the limit above which a pool or a server is worth a look. */
const BUSY_RATIO = 0.8
const NEARLY_FULL_RATIO = 0.9
const SLOW_WAIT_MS = 100

/** How a pool stands, from its own numbers alone. */
export function judgePool(
  pool: Pick<
    PoolNow,
    | 'origin'
    | 'stale'
    | 'max'
    | 'inUse'
    | 'waiting'
    | 'waitMs'
    | 'timeoutsPerSec'
    | 'errorsPerSec'
    | 'utilizationRatio'
  >,
): Verdict {
  if (pool.stale) return { status: 'stale', reason: 'Reports stopped; the numbers are the last known.' }
  if (pool.origin === 'observed' && pool.waiting === null) {
    return { status: 'unknown', reason: 'No probe: its limit and its waits are not known.' }
  }
  const { inUse, max, waiting, timeoutsPerSec, errorsPerSec, utilizationRatio, waitMs } = pool
  if (max !== null && inUse !== null && inUse >= max && waiting !== null && waiting > 0) {
    return {
      status: 'critical',
      reason: `Out of connections: ${inUse} of ${max} in use, ${waiting} waiting.`,
    }
  }
  if (timeoutsPerSec !== null && timeoutsPerSec > 0) {
    return {
      status: 'critical',
      reason: `Callers give up waiting: ${rate(timeoutsPerSec)} time-outs a second.`,
    }
  }
  if (errorsPerSec !== null && errorsPerSec > 0) {
    return { status: 'critical', reason: `Connections fail: ${rate(errorsPerSec)} errors a second.` }
  }
  if (waitMs.p95 !== null && waitMs.p95 > SLOW_WAIT_MS) {
    return { status: 'warning', reason: `Callers wait: p95 ${Math.round(waitMs.p95)} ms.` }
  }
  if (utilizationRatio !== null && utilizationRatio > BUSY_RATIO) {
    const full = utilizationRatio >= 1 ? 'Full, though nobody waits' : 'Nearly full'
    return { status: 'warning', reason: `${full}: ${inUse} of ${max} in use.` }
  }
  return OK
}

/** A client that waits longer for a connection of a pooler notices. */
const LONG_WAIT_MS = 1000
/** A client that waits longer has most likely failed its own caller. */
const LOST_WAIT_MS = 15_000

/**
 * How a pool stands that a pooler keeps. To be full for a moment is what it is for, so clients that wait decide, and for
 * how long they have.
 */
export function judgeKeptPool(
  pool: Pick<PoolNow, 'stale' | 'max' | 'inUse' | 'waiting' | 'oldestWaitMs' | 'utilizationRatio'>,
): Verdict {
  if (pool.stale) return { status: 'stale', reason: 'Samples stopped; the numbers are the last known.' }
  const { inUse, max, waiting, oldestWaitMs, utilizationRatio } = pool
  const used = max === null ? `${inUse}` : `${inUse} of ${max}`
  if (waiting !== null && waiting > 0) {
    const full = max !== null && inUse !== null && inUse >= max
    const waitedMs = oldestWaitMs ?? Number.NEGATIVE_INFINITY
    const since = oldestWaitMs === null ? '' : `, the longest for ${seconds(oldestWaitMs)}`
    const clients = waiting === 1 ? '1 client waits' : `${waiting} clients wait`
    return {
      status: waitedMs >= (full ? LONG_WAIT_MS : LOST_WAIT_MS) ? 'critical' : 'warning',
      reason: full
        ? `Out of server connections: ${used} in use, ${clients}${since}.`
        : `${clients}${since}, with ${used} server connections in use: the database is paused, at a limit of its own, or refuses logins.`,
    }
  }
  if (utilizationRatio !== null && utilizationRatio > BUSY_RATIO) {
    const full = utilizationRatio >= 1 ? 'Full, though no client waits' : 'Nearly full'
    return { status: 'warning', reason: `${full}: ${used} server connections in use.` }
  }
  return OK
}

/** How a group stands: as its worst fresh instance, or stale when none is fresh. */
export function judgeGroup(pools: readonly PoolNow[]): Verdict {
  const fresh = pools.filter((pool) => !pool.stale)
  const judged = fresh.length > 0 ? fresh : pools
  const worst = judged.reduce((a, b) => (rank(b.status) > rank(a.status) ? b : a))
  const named = judged.length > 1 && worst.reason !== null && worst.status !== 'unknown' && !worst.stale
  return { status: worst.status, reason: named ? `${worst.instance}: ${worst.reason}` : worst.reason }
}

/** How a server stands, from its state and from how many of its slots are taken. */
export function judgeServer(
  server: Pick<
    ServerNow,
    'state' | 'error' | 'stale' | 'usedRatio' | 'connections' | 'maxConnections' | 'reservedConnections'
  >,
): Verdict {
  if (server.state === 'connecting') return { status: 'unknown', reason: 'Connecting for the first time.' }
  if (server.state !== 'up') return { status: 'critical', reason: server.error?.message ?? null }
  if (server.stale) return { status: 'stale', reason: 'Samples stopped; the numbers are the last known.' }
  const { usedRatio, connections, maxConnections, reservedConnections } = server
  if (usedRatio === null || maxConnections === null) {
    return { status: 'unknown', reason: 'Its limit is not known.' }
  }
  if (usedRatio > BUSY_RATIO) {
    const usable = maxConnections - (reservedConnections === null ? 0 : reservedConnections)
    const status = usedRatio > NEARLY_FULL_RATIO ? 'critical' : 'warning'
    return { status, reason: `${connections.total} of ${usable} usable connections are taken.` }
  }
  return OK
}

function rank(status: GroupNow['status']): number {
  return STATUSES.indexOf(status)
}

function seconds(ms: number): string {
  return ms >= 10_000 ? `${Math.round(ms / 1000)} s` : `${(ms / 1000).toFixed(1)} s`
}

function rate(perSec: number): string {
  return perSec >= 10 ? String(Math.round(perSec)) : perSec.toPrecision(2)
}
