import type { Slot } from '../core/slot.ts'

/** Where a connection object keeps its slot. */
export const SLOT: unique symbol = Symbol('poolscope.slot')

/** The part of `pg`'s client that the probe touches. */
export type PgClient = object & {
  [SLOT]?: Slot
  processID?: unknown
  host?: unknown
  port?: unknown
  database?: unknown
  user?: unknown
  connect(callback?: (error: unknown, ...rest: unknown[]) => void): unknown
  once(event: string, listener: () => void): unknown
}

/** Takes a connection or an error. The third argument gives the connection back. */
export type Checkout = (error: unknown, client?: PgClient, release?: unknown) => void

/** The part of `pg-pool`'s pool that the probe touches. */
export type PgPool = object & {
  options: Record<string, unknown>
  Client: new (...args: unknown[]) => PgClient
  Promise: PromiseConstructor
  connect(callback?: Checkout): unknown
  end(callback?: (error?: unknown) => void): unknown
  on(event: string, listener: (...args: never[]) => void): unknown
  removeListener(event: string, listener: (...args: never[]) => void): unknown
  readonly idleCount: number
  readonly waitingCount: number
  readonly totalCount: number
  ended?: boolean
  /** Not part of its interface: read only when a pool that already has connections is watched. */
  _clients?: unknown
  _idle?: unknown
}

/** Whether an object can be measured: it has all that the probe touches, and lets itself be changed. */
export function isPgPool(pool: object): pool is PgPool {
  const it = pool as Partial<Record<keyof PgPool, unknown>>
  const functions = [it.connect, it.end, it.on, it.removeListener, it.Client, it.Promise]
  const counts = [it.idleCount, it.waitingCount, it.totalCount]
  return (
    functions.every((part) => typeof part === 'function') &&
    counts.every((part) => typeof part === 'number') &&
    typeof it.options === 'object' &&
    it.options !== null &&
    Object.isExtensible(pool)
  )
}
