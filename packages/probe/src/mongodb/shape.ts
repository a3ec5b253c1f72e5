import type { PoolTarget } from '@poolscope/protocol'
import { port, text } from '../core/values.ts'

/** The part of an event emitter that the probe touches. */
type Emitter = object & {
  on(name: string, listener: (event: unknown) => void): unknown
  removeListener(name: string, listener: (event: unknown) => void): unknown
}

/** What the driver reads of its settings, as far as the probe reads it. */
export type ClientSettings = {
  maxPoolSize?: unknown
  minPoolSize?: unknown
  maxIdleTimeMS?: unknown
  waitQueueTimeoutMS?: unknown
  dbName?: unknown
  hosts?: unknown
  replicaSet?: unknown
  srvHost?: unknown
  credentials?: { username?: unknown }
}

/** The part of the driver's `MongoClient` that the probe touches. */
export type Client = Emitter & { readonly options: ClientSettings }

/** The part of a Mongoose connection that the probe touches. */
export type MongooseConnection = Emitter & { getClient(): unknown }

/** What the driver's monitoring events say of connections, as far as the probe reads it. */
export type PoolEvent = { address?: unknown; connectionId?: unknown; durationMS?: unknown; reason?: unknown }

/** The client itself; `null` for anything else. */
export function clientOf(thing: unknown): Client | null {
  if (!isEmitter(thing)) return null
  const it = thing as Partial<Record<'db' | 'startSession' | 'options', unknown>>
  const isClient = [it.db, it.startSession].every((part) => typeof part === 'function')
  return isClient && typeof it.options === 'object' && it.options !== null ? (thing as Client) : null
}

/** A Mongoose connection, or the default one of a Mongoose; `null` for anything else. */
export function mongooseOf(thing: object): MongooseConnection | null {
  const { connection, createConnection } = thing as { connection?: unknown; createConnection?: unknown }
  const wanted = typeof createConnection === 'function' ? connection : thing
  if (!isEmitter(wanted)) return null
  return typeof (wanted as { getClient?: unknown }).getClient === 'function'
    ? (wanted as MongooseConnection)
    : null
}

/** Whether a client may come to have a pool for each of several servers. */
export function hasSeveral({ hosts, replicaSet, srvHost }: ClientSettings): boolean {
  return (Array.isArray(hosts) && hosts.length > 1) || Boolean(replicaSet) || Boolean(srvHost)
}

/** Where the pool for an address, `host:port` or a socket's path, leads. Never a password. */
export function targetOf(address: string, { dbName, credentials }: ClientSettings): PoolTarget {
  const whose = { database: text(dbName), user: text(credentials?.username) }
  const parts = /^(?:\[([^\]]+)\]|([^:/]+)):(\d+)$/.exec(address)
  if (parts === null) return { host: text(address, 255), port: null, ...whose }
  return { host: text(parts[1] ?? parts[2], 255), port: port(parts[3]), ...whose }
}

/** The driver's own pool, where it lets itself be looked at: none of this is its public interface. */
export type PoolInside = {
  /** Open connections that nobody holds. */
  idle: ConnectionInside[]
  /** Open connections that somebody holds. */
  inUse: ConnectionInside[]
  /** Callers that the driver has not served. */
  waiting: number
  /** Connections that it opens. */
  connecting: number
}

/** One connection of the driver: its own number for it, and that of the server. */
type ConnectionInside = { id: number; sessionPid: number | null }

type Raw = { id?: unknown; description?: { serverConnectionId?: unknown } }
type RawPool = {
  connections?: Iterable<Raw>
  checkedOut?: Iterable<Raw>
  waitQueueSize?: unknown
  pendingConnectionCount?: unknown
}
type RawClient = { topology?: { s?: { servers?: Map<string, { pool?: RawPool }> } } }

/** The addresses for which a client has a pool at this moment. */
export function addressesOf(client: Client): string[] {
  const servers = (client as RawClient).topology?.s?.servers
  return servers instanceof Map ? [...servers.keys()] : []
}

/** The driver's pool for an address; `null` where there is none, or it is built otherwise than known. */
export function insideOf(client: Client, address: string): PoolInside | null {
  const servers = (client as RawClient).topology?.s?.servers
  const pool = servers instanceof Map ? servers.get(address)?.pool : undefined
  const { waitQueueSize, pendingConnectionCount } = pool ?? {}
  if (typeof waitQueueSize !== 'number' || typeof pendingConnectionCount !== 'number') return null
  return {
    idle: [...(pool?.connections ?? [])].flatMap(connectionOf),
    inUse: [...(pool?.checkedOut ?? [])].flatMap(connectionOf),
    waiting: waitQueueSize,
    connecting: pendingConnectionCount,
  }
}

function connectionOf({ id, description }: Raw): ConnectionInside[] {
  if (typeof id !== 'number') return []
  const pid = description?.serverConnectionId
  const known = typeof pid === 'bigint' || typeof pid === 'number'
  return [{ id, sessionPid: known ? Number(pid) : null }]
}

function isEmitter(thing: unknown): thing is Emitter {
  if (typeof thing !== 'object' || thing === null) return false
  const { on, removeListener } = thing as Partial<Record<keyof Emitter, unknown>>
  return typeof on === 'function' && typeof removeListener === 'function'
}
