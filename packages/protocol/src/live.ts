import Type, { type Static } from 'typebox'
import type { AlertCounts } from './alert.ts'
import type { Fleet, GroupNow, Holders, Origin, PoolNow } from './fleet.ts'
import type { Status, System } from './names.ts'
import type { ServerNow, Sessions } from './server.ts'
import { MAX_TOPICS, type POOL_COLUMNS, type SERVER_COLUMNS } from './words.ts'

export type PoolColumn = (typeof POOL_COLUMNS)[number]
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
  alerts: AlertCounts
  /** The agent replays a recording, which has no sessions, statements and holders. */
  recorded?: true
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
  alerts: AlertCounts
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
