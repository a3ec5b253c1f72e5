import {
  type AlertCounts,
  type CatalogueMessage,
  type Fleet,
  type GroupMessage,
  type GroupNow,
  type HelloMessage,
  POOL_COLUMNS,
  PROTOCOL_VERSION,
  SERVER_COLUMNS,
  SERVER_STATES,
  STATUSES,
  type TickMessage,
} from '@poolscope/protocol'

/** No alert anywhere. */
export const CALM: AlertCounts = { firing: { info: 0, warn: 0, critical: 0 }, pending: 0 }
const nothing = { p50: null, p95: null, p99: null, max: null }

/** A pool group of a test: everything not named is zero or unknown. */
function groupOf(id: string, inUse: number | null, atMs: number): GroupNow {
  return {
    id,
    service: 'shop',
    name: id,
    system: 'postgresql',
    origin: 'probe',
    serverId: null,
    instances: 1,
    staleInstances: 0,
    max: 10,
    min: 0,
    inUse,
    idle: 0,
    connecting: 0,
    waiting: 0,
    inUsePeak: inUse,
    waitingPeak: 0,
    oldestWaitMs: null,
    utilizationRatio: inUse === null ? null : inUse / 10,
    waitMs: nothing,
    holdMs: nothing,
    createMs: nothing,
    checkoutsPerSec: 0,
    timeoutsPerSec: 0,
    errorsPerSec: 0,
    createdPerSec: 0,
    destroyedPerSec: 0,
    holdBusyRatio: null,
    windowMs: 10_000,
    status: 'ok',
    reason: null,
    atMs,
    stale: false,
  }
}

/** A fleet of groups by id and connections in use. */
export function fleetOf(atMs: number, inUse: Readonly<Record<string, number | null>>): Fleet {
  const groups = Object.entries(inUse).map(([id, value]) => groupOf(id, value, atMs))
  return { atMs, groups, pools: [], servers: [], droppedTotal: 0 }
}

/** The first message of a socket. */
export function helloOf(atMs: number, inUse: Readonly<Record<string, number | null>>): HelloMessage {
  return {
    type: 'hello',
    protocol: PROTOCOL_VERSION,
    agentVersion: '1.0.0',
    tickMs: 1000,
    atMs,
    poolColumns: POOL_COLUMNS,
    serverColumns: SERVER_COLUMNS,
    statuses: STATUSES,
    serverStates: SERVER_STATES,
    fleet: fleetOf(atMs, inUse),
    alerts: CALM,
  }
}

/** The names of an epoch. */
export function catalogueOf(epoch: number, ids: readonly string[]): CatalogueMessage {
  const groups = ids.map((id) => ({
    id,
    service: 'shop',
    name: id,
    system: 'postgresql' as const,
    origin: 'probe' as const,
    serverId: null,
  }))
  return { type: 'catalogue', topic: 'groups', epoch, groups, pools: [], servers: [] }
}

/** One tick: connections in use by place; every other column is zero. */
export function tickOf(
  epoch: number,
  atMs: number,
  inUse: readonly (number | null)[],
  stale: readonly number[] = [],
): TickMessage {
  return {
    type: 'tick',
    topic: 'groups',
    sequence: atMs,
    epoch,
    atMs,
    droppedTotal: 0,
    alerts: CALM,
    groups: POOL_COLUMNS.map((column) =>
      inUse.map((value, index) =>
        column === 'inUse' ? value : column === 'stale' ? (stale[index] ?? 0) : 0,
      ),
    ),
    pools: [],
    servers: SERVER_COLUMNS.map(() => []),
    reasons: { groups: [], servers: [] },
  }
}

/** The detail of a group with its pools by id: connections in use, and whether they are stale. */
export function groupMessageOf(
  id: string,
  atMs: number,
  pools: Readonly<Record<string, { inUse: number; stale?: boolean }>>,
): GroupMessage {
  const group = groupOf(id, null, atMs)
  const { instances: _instances, staleInstances: _staleInstances, ...shared } = group
  return {
    type: 'group',
    id,
    sequence: 0,
    atMs,
    group,
    pools: Object.entries(pools).map(([poolId, { inUse, stale = false }]) => ({
      ...shared,
      id: poolId,
      groupId: id,
      instance: poolId,
      upstreamServerId: null,
      mode: null,
      inUse,
      stale,
      acquireTimeoutMs: null,
      idleTimeoutMs: null,
      maxLifetimeMs: null,
      ignoredOptions: null,
      startedAtMs: null,
    })),
    holders: { atMs, total: 0, holders: [], lateReturns: { total: 0, last: null } },
  }
}
