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

function rate(perSec: number): string {
  return perSec >= 10 ? String(Math.round(perSec)) : perSec.toPrecision(2)
}
