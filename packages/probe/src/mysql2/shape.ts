import type { Slot } from '../core/slot.ts'

/** Where a connection object keeps its slot. */
export const SLOT: unique symbol = Symbol('poolscope.slot')

/** The part of `mysql2`'s pooled connection that the probe touches. */
export type MysqlConnection = object & {
  [SLOT]?: Slot
  threadId?: unknown
  /** `null` from the moment the connection is taken out of its pool. */
  _pool?: unknown
  /** Takes it out of its pool, which calls the pool's `releaseConnection` then. */
  _removeFromPool?(): void
  /** Says good-bye to the server, and closes. */
  _realEnd?(callback: () => void): void
}

/** Takes a connection or an error. */
export type Checkout = (error: unknown, connection?: MysqlConnection) => void

/** Both of the driver's queues: ring_queue in 3.x, denque before. */
type Queue = { readonly length: number; get(index: number): unknown; shift(): unknown }

/** The part of `mysql2`'s callback pool that the probe touches. Its promise pool is a shell around one. */
export type MysqlPool = object & {
  config: { connectionConfig: Record<string, unknown> } & Record<string, unknown>
  getConnection(callback: Checkout): unknown
  releaseConnection(connection: MysqlConnection): unknown
  end(callback?: (error?: unknown) => void): unknown
  on(event: string, listener: (...args: never[]) => void): unknown
  removeListener(event: string, listener: (...args: never[]) => void): unknown
  readonly _allConnections: Queue
  readonly _freeConnections: Queue
  readonly _connectionQueue: Queue
  readonly _closed?: boolean
}

/** The part of `mysql2`'s pool cluster that the probe touches. */
export type MysqlCluster = object & {
  add(...args: unknown[]): unknown
  _nodes: Record<string, { pool?: unknown }>
}

/** The callback pool that a thing is, or is a shell around; `null` when it is neither, or lets itself not be changed. */
export function mysqlPoolOf(thing: object): MysqlPool | null {
  if (isMysqlPool(thing)) return thing
  const { pool } = thing as { pool?: unknown }
  return typeof pool === 'object' && pool !== null && isMysqlPool(pool) ? pool : null
}

/** The cluster that a thing is, or is a shell around; `null` when it is neither. */
export function mysqlClusterOf(thing: object): MysqlCluster | null {
  if (isMysqlCluster(thing)) return thing
  const { poolCluster } = thing as { poolCluster?: unknown }
  return typeof poolCluster === 'object' && poolCluster !== null && isMysqlCluster(poolCluster)
    ? poolCluster
    : null
}

function isMysqlPool(thing: object): thing is MysqlPool {
  const it = thing as Partial<Record<keyof MysqlPool, unknown>>
  const functions = [it.getConnection, it.releaseConnection, it.end, it.on, it.removeListener]
  const config = it.config as { connectionConfig?: unknown } | null | undefined
  return (
    functions.every((part) => typeof part === 'function') &&
    [it._allConnections, it._freeConnections, it._connectionQueue].every(isQueue) &&
    typeof config?.connectionConfig === 'object' &&
    config.connectionConfig !== null &&
    Object.isExtensible(thing)
  )
}

function isMysqlCluster(thing: object): thing is MysqlCluster {
  const it = thing as Partial<Record<keyof MysqlCluster, unknown>>
  return (
    typeof it.add === 'function' &&
    typeof it._nodes === 'object' &&
    it._nodes !== null &&
    Object.isExtensible(thing)
  )
}

function isQueue(value: unknown): boolean {
  const queue = value as Partial<Queue> | null | undefined
  return typeof queue?.length === 'number' && typeof queue.get === 'function'
}
