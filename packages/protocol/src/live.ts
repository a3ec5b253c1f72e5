import Type, { type Static } from 'typebox'
import type { Fleet, GroupNow, Holders, Origin, PoolNow } from './fleet.ts'
import type { Status, System } from './names.ts'
import type { ServerNow, Sessions } from './server.ts'

/**
 * The numeric columns of a pool or a pool group, in the order in which a live frame carries them.
 * `stale` is 0 or 1, `status` an index into `STATUSES`, `ageMs` the frame's time less the sample's.
 */
export const POOL_COLUMNS = [
  'max',
  'min',
  'inUse',
  'idle',
  'connecting',
  'waiting',
  'inUsePeak',
  'waitingPeak',
  'oldestWaitMs',
  'waitP50Ms',
  'waitP95Ms',
  'waitP99Ms',
  'waitMaxMs',
  'holdP50Ms',
  'holdP95Ms',
  'holdP99Ms',
  'holdMaxMs',
  'createP95Ms',
  'checkoutsPerSec',
  'timeoutsPerSec',
  'errorsPerSec',
  'createdPerSec',
  'destroyedPerSec',
  'instances',
  'ageMs',
  'stale',
  'status',
] as const
export type PoolColumn = (typeof POOL_COLUMNS)[number]

/** The numeric columns of a server, in frame order; `state` is an index into `SERVER_STATES`. */
export const SERVER_COLUMNS = [
  'maxConnections',
  'reservedConnections',
  'active',
  'idle',
  'idleInTransaction',
  'other',
  'total',
  'sampleIntervalMs',
  'sampleMs',
  'ageMs',
  'stale',
  'status',
  'state',
] as const
export type ServerColumn = (typeof SERVER_COLUMNS)[number]

/** One array a column, one entry a pool or server, in catalogue order. */
export type Columns = (number | null)[][]

/** What does not change from tick to tick. Its order is the order of every column. */
export type PoolIdentity = {
  id: string
  groupId: string
  service: string
  name: string
  instance: string
  system: System
  origin: Origin
  serverId: string | null
}
export type GroupIdentity = {
  id: string
  service: string
  name: string
  system: System
  origin: Origin
  serverId: string | null
}
export type ServerIdentity = {
  id: string
  name: string
  system: System
  address: string
  version: string | null
}

/** First message on the socket: the version, and everything that is true now. */
export type HelloMessage = {
  type: 'hello'
  protocol: number
  agentVersion: string
  tickMs: number
  atMs: number
  /** Names of the columns of `tick` frames, in order. */
  poolColumns: readonly string[]
  serverColumns: readonly string[]
  statuses: readonly Status[]
  serverStates: readonly string[]
  fleet: Fleet
}

/** Sent before the first tick of an epoch: pools or servers came or went. */
export type CatalogueMessage = {
  type: 'catalogue'
  /** The topic whose ticks it names. */
  topic: 'fleet' | 'groups'
  epoch: number
  groups: GroupIdentity[]
  /** Empty under the topic `groups`. */
  pools: PoolIdentity[]
  servers: ServerIdentity[]
}

/** One frame a tick: full state as columns. A tick that a slow client skipped never exists for it. */
export type TickMessage = {
  type: 'tick'
  topic: 'fleet' | 'groups'
  sequence: number
  epoch: number
  atMs: number
  droppedTotal: number
  groups: Columns
  /** Empty under the topic `groups`. */
  pools: Columns
  servers: Columns
  /** Sentences of those in the catalogue's order that are not ok: index, then reason. */
  reasons: { groups: [number, string][]; servers: [number, string][] }
}

/** Detail of one pool group, once a tick while subscribed. `group` is null when it is gone. */
export type GroupMessage = {
  type: 'group'
  id: string
  sequence: number
  atMs: number
  group: GroupNow | null
  pools: PoolNow[]
  holders: Holders
}

/** Detail of one server, once a tick while subscribed. `server` is null when it is gone. */
export type ServerMessage = {
  type: 'server'
  id: string
  sequence: number
  atMs: number
  server: ServerNow | null
  sessions: Sessions
}

/** The server did not understand; the socket stays open. */
export type LiveErrorMessage = { type: 'error'; code: string; message: string }

export type LiveMessage =
  | HelloMessage
  | CatalogueMessage
  | TickMessage
  | GroupMessage
  | ServerMessage
  | LiveErrorMessage

/** Most topics that one socket may hold. */
export const MAX_TOPICS = 16

/**
 * What a client may send. `subscribe` replaces the whole set of topics; before the first one
 * the topic is `fleet`. Topics: `fleet`, `groups`, `group:<id>`, `server:<id>`.
 */
export const ClientMessageSchema = Type.Object(
  {
    type: Type.Literal('subscribe'),
    topics: Type.Array(Type.String({ minLength: 1, maxLength: 300 }), { maxItems: MAX_TOPICS }),
  },
  { additionalProperties: false },
)
export type ClientMessage = Static<typeof ClientMessageSchema>

/** Close codes of the live socket beyond the standard ones. */
export const CLOSE_CODES = { tooSlow: 4408, unauthorized: 4401, badMessage: 4400 } as const
