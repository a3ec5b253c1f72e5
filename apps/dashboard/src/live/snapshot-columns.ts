import {
  type Columns,
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

const poolReaders: Record<PoolColumn, (now: GroupNow | PoolNow, atMs: number) => number | null> = {
  max: (now) => now.max,
  min: (now) => now.min,
  inUse: (now) => now.inUse,
  idle: (now) => now.idle,
  connecting: (now) => now.connecting,
  waiting: (now) => now.waiting,
  inUsePeak: (now) => now.inUsePeak,
  waitingPeak: (now) => now.waitingPeak,
  oldestWaitMs: (now) => now.oldestWaitMs,
  waitP50Ms: (now) => now.waitMs.p50,
  waitP95Ms: (now) => now.waitMs.p95,
  waitP99Ms: (now) => now.waitMs.p99,
  waitMaxMs: (now) => now.waitMs.max,
  holdP50Ms: (now) => now.holdMs.p50,
  holdP95Ms: (now) => now.holdMs.p95,
  holdP99Ms: (now) => now.holdMs.p99,
  holdMaxMs: (now) => now.holdMs.max,
  createP95Ms: (now) => now.createMs.p95,
  checkoutsPerSec: (now) => now.checkoutsPerSec,
  timeoutsPerSec: (now) => now.timeoutsPerSec,
  errorsPerSec: (now) => now.errorsPerSec,
  createdPerSec: (now) => now.createdPerSec,
  destroyedPerSec: (now) => now.destroyedPerSec,
  instances: (now) => ('instances' in now ? now.instances : 1),
  ageMs: (now, atMs) => Math.max(0, atMs - now.atMs),
  stale: (now) => (now.stale ? 1 : 0),
  status: (now) => STATUSES.indexOf(now.status),
  holdBusyRatio: (now) => now.holdBusyRatio,
}

const serverReaders: Record<ServerColumn, (now: ServerNow, atMs: number) => number | null> = {
  maxConnections: (now) => now.maxConnections,
  reservedConnections: (now) => now.reservedConnections,
  active: (now) => now.connections.active,
  idle: (now) => now.connections.idle,
  idleInTransaction: (now) => now.connections.idleInTransaction,
  other: (now) => now.connections.other,
  total: (now) => now.connections.total,
  sampleIntervalMs: (now) => now.sampleIntervalMs,
  sampleMs: (now) => now.sampleMs,
  ageMs: (now, atMs) => (now.atMs === null ? null : Math.max(0, atMs - now.atMs)),
  stale: (now) => (now.stale ? 1 : 0),
  status: (now) => STATUSES.indexOf(now.status),
  state: (now) => SERVER_STATES.indexOf(now.state),
}

/** One number of a pool or a group by the name of its column; null when not known. */
export function poolValue(now: GroupNow | PoolNow, name: PoolColumn, atMs: number): number | null {
  return poolReaders[name](now, atMs)
}

/** The groups of a full snapshot as a live frame carries them, in the order of POOL_COLUMNS. */
export function groupColumns(groups: readonly GroupNow[], atMs: number): Columns {
  return POOL_COLUMNS.map((name) => {
    const read = poolReaders[name]
    return groups.map((now) => read(now, atMs))
  })
}

/** The servers of a full snapshot as a live frame carries them, in the order of SERVER_COLUMNS. */
export function serverColumns(servers: readonly ServerNow[], atMs: number): Columns {
  return SERVER_COLUMNS.map((name) => servers.map((now) => serverReaders[name](now, atMs)))
}

/** The sentences of those that are not ok, by place. */
export function reasonsOf(list: readonly { reason: string | null }[]): [number, string][] {
  return list.flatMap(({ reason }, index): [number, string][] => (reason === null ? [] : [[index, reason]]))
}
