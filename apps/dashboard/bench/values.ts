import {
  type Columns,
  type GroupNow,
  POOL_COLUMNS,
  type PoolColumn,
  type PoolNow,
  SERVER_COLUMNS,
  type ServerNow,
} from '@poolscope/protocol'

/** Most connections of every synthetic pool. */
export const MAX = 50

/** A wave with noise, different for each seed, from 0 to 1, the same for the same arguments. */
export function wave(seed: number, step: number): number {
  const noise = Math.abs(Math.sin(seed * 12.9898 + step * 78.233) * 43758.5453) % 1
  return 0.5 + 0.35 * Math.sin(step / 20 + seed * 1.7) + 0.15 * (noise - 0.5)
}

const round = (value: number) => Math.round(value * 100) / 100

/** One number of one synthetic pool group at a step. */
export function poolValue(column: PoolColumn, group: number, step: number): number | null {
  const part = wave(group, step)
  const inUse = Math.round(part * MAX)
  const waiting = part > 0.9 ? Math.round((part - 0.9) * 100) : 0
  switch (column) {
    case 'max':
      return MAX
    case 'min':
    case 'connecting':
    case 'stale':
    case 'timeoutsPerSec':
    case 'errorsPerSec':
      return 0
    case 'inUse':
    case 'inUsePeak':
      return inUse
    case 'idle':
      return MAX - inUse
    case 'waiting':
    case 'waitingPeak':
      return waiting
    case 'oldestWaitMs':
      return waiting === 0 ? null : round(part * 100)
    case 'instances':
      return 3
    case 'ageMs':
      return Math.round(part * 900)
    case 'status':
      return part > 0.9 ? 4 : part > 0.8 ? 3 : 0
    default:
      return round(wave(group + POOL_COLUMNS.indexOf(column), step) * 90)
  }
}

/** A tick's columns. */
export function poolColumns(groups: number, step: number): Columns {
  return POOL_COLUMNS.map((column) =>
    Array.from({ length: groups }, (_, group) => poolValue(column, group, step)),
  )
}

/** The columns of the one synthetic server. */
export function serverColumns(step: number): Columns {
  const active = Math.round(wave(1, step) * 80)
  const values: Record<(typeof SERVER_COLUMNS)[number], number> = {
    maxConnections: 200,
    reservedConnections: 3,
    active,
    idle: 60,
    idleInTransaction: 4,
    other: 1,
    total: active + 65,
    sampleIntervalMs: 1000,
    sampleMs: 4,
    ageMs: 300,
    stale: 0,
    status: 0,
    state: 0,
  }
  return SERVER_COLUMNS.map((column) => [values[column]])
}

const names = ['orders', 'stock', 'users', 'audit', 'prices', 'carts', 'mail']

export const groupId = (group: number) => `group-${group}`

/** One synthetic pool group in full. */
export function groupNow(group: number, step: number, atMs: number): GroupNow {
  const value = (column: PoolColumn) => poolValue(column, group, step)
  const duration = (kind: 'wait' | 'hold') => ({
    p50: value(`${kind}P50Ms`),
    p95: value(`${kind}P95Ms`),
    p99: value(`${kind}P99Ms`),
    max: value(`${kind}MaxMs`),
  })
  const name = names[group % names.length] as string
  return {
    id: groupId(group),
    service: `service-${Math.floor(group / names.length)}`,
    name,
    system: 'postgresql',
    origin: 'probe',
    serverId: 'server-1',
    instances: 3,
    staleInstances: 0,
    max: MAX,
    min: 0,
    inUse: value('inUse'),
    idle: value('idle'),
    connecting: 0,
    waiting: value('waiting'),
    inUsePeak: value('inUsePeak'),
    waitingPeak: value('waitingPeak'),
    oldestWaitMs: value('oldestWaitMs'),
    utilizationRatio: (value('inUse') as number) / MAX,
    waitMs: duration('wait'),
    holdMs: duration('hold'),
    createMs: duration('hold'),
    checkoutsPerSec: value('checkoutsPerSec'),
    timeoutsPerSec: 0,
    errorsPerSec: 0,
    createdPerSec: value('createdPerSec'),
    destroyedPerSec: value('destroyedPerSec'),
    holdBusyRatio: value('holdBusyRatio'),
    windowMs: 10_000,
    status: 'ok',
    reason: null,
    atMs,
    stale: false,
  }
}

/** One instance of a synthetic pool group. */
export function poolNow(group: number, instance: number, step: number, atMs: number): PoolNow {
  const { instances, staleInstances, ...now } = groupNow(group, step, atMs)
  return {
    ...now,
    id: `${now.id}.${instance}`,
    groupId: now.id,
    instance: `${now.service}-${instance}`,
    acquireTimeoutMs: 5000,
    idleTimeoutMs: 10_000,
    upstreamServerId: null,
    mode: null,
    maxLifetimeMs: null,
    ignoredOptions: null,
    startedAtMs: atMs - 3_600_000,
  }
}

/** The one synthetic server in full. */
export function serverNow(atMs: number): ServerNow {
  return {
    id: 'server-1',
    name: 'main',
    system: 'postgresql',
    version: '16.4',
    address: 'db.example:5432',
    state: 'up',
    maxConnections: 200,
    reservedConnections: 3,
    connections: { active: 41, idle: 60, idleInTransaction: 4, other: 1, total: 106 },
    usedRatio: 106 / 197,
    pools: { count: 12, maxSum: 600 },
    details: [],
    limits: [],
    upstreamIds: [],
    sampleIntervalMs: 1000,
    sampleMs: 4,
    startedAtMs: atMs - 86_400_000,
    status: 'ok',
    reason: null,
    atMs,
    stale: false,
    error: null,
  }
}
