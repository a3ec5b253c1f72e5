import {
  type GroupNow,
  POOL_COLUMNS,
  type PoolColumn,
  type PoolNow,
  SERVER_COLUMNS,
  SERVER_STATES,
  type ServerColumn,
  type ServerNow,
  STATUSES,
} from '@poolscope/protocol'
import { threeDigits } from './three-digits.ts'

/** Numbers in column order. */
export type Row = (number | null)[]
type Named<Name extends string> = Record<Name, number | null>

/** The numbers of a pool or a group in the order of POOL_COLUMNS, as live frames and history carry them. */
export function poolRow(now: PoolNow | GroupNow, atMs: number): Row {
  const named: Named<PoolColumn> = {
    max: now.max,
    min: now.min,
    inUse: now.inUse,
    idle: now.idle,
    connecting: now.connecting,
    waiting: now.waiting,
    inUsePeak: now.inUsePeak,
    waitingPeak: now.waitingPeak,
    oldestWaitMs: rounded(now.oldestWaitMs),
    waitP50Ms: rounded(now.waitMs.p50),
    waitP95Ms: rounded(now.waitMs.p95),
    waitP99Ms: rounded(now.waitMs.p99),
    waitMaxMs: rounded(now.waitMs.max),
    holdP50Ms: rounded(now.holdMs.p50),
    holdP95Ms: rounded(now.holdMs.p95),
    holdP99Ms: rounded(now.holdMs.p99),
    holdMaxMs: rounded(now.holdMs.max),
    createP95Ms: rounded(now.createMs.p95),
    checkoutsPerSec: rounded(now.checkoutsPerSec),
    timeoutsPerSec: rounded(now.timeoutsPerSec),
    errorsPerSec: rounded(now.errorsPerSec),
    createdPerSec: rounded(now.createdPerSec),
    destroyedPerSec: rounded(now.destroyedPerSec),
    instances: 'instances' in now ? now.instances : 1,
    ageMs: Math.max(0, Math.round(atMs - now.atMs)),
    stale: now.stale ? 1 : 0,
    status: STATUSES.indexOf(now.status),
    holdBusyRatio: rounded(now.holdBusyRatio),
  }
  return POOL_COLUMNS.map((name) => named[name])
}

/** A row as history keeps it: what is stale is a gap, but for the words that say so. */
export function rowWithGaps(row: Row, columns: readonly string[], stale: boolean): Row {
  if (!stale) return row
  return row.map((value, i) => (['stale', 'status', 'state'].includes(columns[i] as string) ? value : null))
}

/** The numbers of a server in the order of SERVER_COLUMNS. */
export function serverRow(now: ServerNow, atMs: number): Row {
  const named: Named<ServerColumn> = {
    maxConnections: now.maxConnections,
    reservedConnections: now.reservedConnections,
    active: now.connections.active,
    idle: now.connections.idle,
    idleInTransaction: now.connections.idleInTransaction,
    other: now.connections.other,
    total: now.connections.total,
    sampleIntervalMs: now.sampleIntervalMs,
    sampleMs: rounded(now.sampleMs),
    ageMs: now.atMs === null ? null : Math.max(0, Math.round(atMs - now.atMs)),
    stale: now.stale ? 1 : 0,
    status: STATUSES.indexOf(now.status),
    state: SERVER_STATES.indexOf(now.state),
  }
  return SERVER_COLUMNS.map((name) => named[name])
}

function rounded(value: number | null): number | null {
  return value === null ? null : threeDigits(value)
}
