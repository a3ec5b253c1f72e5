import {
  type Fleet as FleetAnswer,
  type GroupDetail,
  type GroupNow,
  type PoolColumn,
  type PoolNow,
  SERVER_STATES,
  type ServerColumn,
  type ServerNow,
  type Sessions,
  STATUSES,
  type Statements,
} from '@poolscope/protocol'
import { poolRow, serverRow } from '../fleet/columns.ts'
import { Fleet } from '../fleet/fleet.ts'
import type { Tick } from '../fleet/fleet-series.ts'
import { sessionsAnswer } from '../fleet/sessions.ts'
import type { SeriesAt } from './history-store.ts'

const NOTHING: FleetAnswer = { atMs: 0, groups: [], pools: [], servers: [], droppedTotal: 0 }

/** A fleet as it was: what a recording holds of a moment, in the form of what is true now. */
export class RecordedFleet extends Fleet {
  override readonly isRecorded: boolean = true
  #then = NOTHING

  /** Shows another moment. */
  show(atMs: number, series: readonly SeriesAt[]): void {
    const of = (kind: SeriesAt['kind']) => series.filter((one) => one.kind === kind)
    const pools = of('pool').map(poolThen)
    this.#then = {
      atMs,
      groups: of('group').map(groupThen),
      pools,
      servers: of('server').map((one) => serverThen(one, pools)),
      droppedTotal: 0,
    }
  }

  override tick(): Tick {
    const fleet = this.#then
    const { atMs } = fleet
    const rows = {
      pools: fleet.pools.map((pool) => poolRow(pool, atMs)),
      groups: fleet.groups.map((group) => poolRow(group, atMs)),
      servers: fleet.servers.map((server) => serverRow(server, atMs)),
    }
    return { fleet, rows }
  }

  override snapshot(): FleetAnswer {
    return this.#then
  }

  override pool(id: string): PoolNow | undefined {
    return this.#then.pools.find((pool) => pool.id === id)
  }

  override group(id: string): GroupDetail | undefined {
    const group = this.#then.groups.find((one) => one.id === id)
    return group && { group, pools: this.#then.pools.filter((pool) => pool.groupId === id) }
  }

  override groupIds(): string[] {
    return this.#then.groups.map(({ id }) => id)
  }

  override server(id: string): ServerNow | undefined {
    return this.#then.servers.find((server) => server.id === id)
  }

  /** None: sessions are not recorded. */
  override sessions(id: string): Sessions | undefined {
    return this.server(id) && sessionsAnswer(null, null, [])
  }

  /** None: statements are not recorded. */
  override statements(id: string): Statements | undefined {
    return this.server(id) && { atMs: null, windowMs: null, source: null, total: 0, statements: [] }
  }
}

type Read<Column extends string> = (column: Column) => number | null

function reader<Column extends string>(values: SeriesAt['values']): Read<Column> {
  return (column) => {
    const value = values[column]
    return value === undefined || Number.isNaN(value) ? null : value
  }
}

function numbersThen(read: Read<PoolColumn>) {
  const [max, inUse] = [read('max'), read('inUse')]
  return {
    max,
    min: read('min'),
    inUse,
    idle: read('idle'),
    connecting: read('connecting'),
    waiting: read('waiting'),
    inUsePeak: read('inUsePeak'),
    waitingPeak: read('waitingPeak'),
    oldestWaitMs: read('oldestWaitMs'),
    utilizationRatio: inUse === null || max === null || max === 0 ? null : inUse / max,
    waitMs: {
      p50: read('waitP50Ms'),
      p95: read('waitP95Ms'),
      p99: read('waitP99Ms'),
      max: read('waitMaxMs'),
    },
    holdMs: {
      p50: read('holdP50Ms'),
      p95: read('holdP95Ms'),
      p99: read('holdP99Ms'),
      max: read('holdMaxMs'),
    },
    holdBusyRatio: read('holdBusyRatio'),
    createMs: { p50: null, p95: read('createP95Ms'), p99: null, max: null },
    checkoutsPerSec: read('checkoutsPerSec'),
    timeoutsPerSec: read('timeoutsPerSec'),
    errorsPerSec: read('errorsPerSec'),
    createdPerSec: read('createdPerSec'),
    destroyedPerSec: read('destroyedPerSec'),
    windowMs: 1000,
  }
}

/** How it stood; the sentence is not recorded, and an age is counted from the row. */
function verdictThen(read: Read<'status' | 'stale' | 'ageMs'>, atSec: number) {
  const [status, ageMs] = [read('status'), read('ageMs')]
  return {
    status: (status === null ? undefined : STATUSES[status]) ?? 'unknown',
    reason: null,
    stale: read('stale') === 1,
    atMs: atSec * 1000 - (ageMs === null ? 0 : ageMs),
  }
}

// What the recording says of an identity was written from these very types.
function poolThen({ id, about, atSec, values }: SeriesAt): PoolNow {
  const read = reader<PoolColumn>(values)
  const identity = about as Pick<
    PoolNow,
    'groupId' | 'service' | 'name' | 'instance' | 'system' | 'origin' | 'serverId'
  > &
    // Recordings of older agents do not have them.
    Partial<Pick<PoolNow, 'acquireTimeoutMs' | 'idleTimeoutMs'>>
  return {
    id,
    ...identity,
    upstreamServerId: null,
    mode: null,
    ...numbersThen(read),
    acquireTimeoutMs: identity.acquireTimeoutMs ?? null,
    idleTimeoutMs: identity.idleTimeoutMs ?? null,
    maxLifetimeMs: null,
    ignoredOptions: null,
    startedAtMs: null,
    ...verdictThen(read, atSec),
  }
}

function groupThen({ id, about, atSec, values }: SeriesAt): GroupNow {
  const read = reader<PoolColumn>(values)
  const identity = about as Pick<GroupNow, 'service' | 'name' | 'system' | 'origin' | 'serverId'>
  const instances = read('instances')
  return {
    id,
    ...identity,
    instances: instances === null ? 1 : Math.round(instances),
    staleInstances: 0,
    ...numbersThen(read),
    ...verdictThen(read, atSec),
  }
}

function serverThen({ id, about, atSec, values }: SeriesAt, pools: readonly PoolNow[]): ServerNow {
  const read = reader<ServerColumn>(values)
  const [total, max, reserved] = [read('total'), read('maxConnections'), read('reservedConnections')]
  const state = read('state')
  const usable = max === null ? null : max - (reserved === null ? 0 : reserved)
  const own = pools.filter(({ serverId, origin }) => serverId === id && origin === 'probe')
  const maxes = own.flatMap((pool) => pool.max ?? [])
  const maxSum = maxes.length < own.length ? null : maxes.reduce((sum, one) => sum + one, 0)
  return {
    id,
    ...(about as Pick<ServerNow, 'name' | 'system' | 'version' | 'address'>),
    upstreamIds: (about as Partial<Pick<ServerNow, 'upstreamIds'>>).upstreamIds ?? [],
    state: (state === null ? undefined : SERVER_STATES[state]) ?? 'connecting',
    maxConnections: max,
    reservedConnections: reserved,
    connections: {
      active: read('active'),
      idle: read('idle'),
      idleInTransaction: read('idleInTransaction'),
      other: read('other'),
      total,
    },
    usedRatio: total === null || usable === null || usable <= 0 ? null : total / usable,
    pools: { count: own.length, maxSum },
    details: [],
    limits: [],
    sampleIntervalMs: read('sampleIntervalMs'),
    sampleMs: read('sampleMs'),
    startedAtMs: null,
    ...verdictThen(read, atSec),
    error: null,
  }
}
