import type { Call } from './calls.ts'

/** Where a command keeps what is known of its way to the server. */
export const CALL: unique symbol = Symbol('poolscope.call')

/** The part of `ioredis`'s command that the probe touches. */
export type RedisCommand = object & {
  [CALL]?: Call | undefined
  readonly name: string
  readonly args: readonly unknown[]
  resolve(value: unknown): unknown
  reject(error: unknown): unknown
}

/** A queue of commands, the newest at its back. */
type Queue = { readonly length: number; peekBack(): { command?: unknown } | undefined }

/** The part of `ioredis`'s client that the probe touches. */
export type RedisClient = object & {
  readonly status: string
  readonly options: Record<string, unknown>
  /** Commands that were written and have no reply yet. */
  readonly commandQueue: Queue
  /** Commands that wait for the connection. */
  readonly offlineQueue: Queue
  sendCommand(command: RedisCommand, ...rest: unknown[]): unknown
  on(event: string, listener: () => void): unknown
  removeListener(event: string, listener: () => void): unknown
}

/** The part of `ioredis`'s cluster client that the probe touches. */
export type RedisCluster = object & {
  readonly options: Record<string, unknown>
  nodes(role: 'all'): unknown[]
  on(event: '+node' | '-node', listener: (node: unknown) => void): unknown
  removeListener(event: '+node' | '-node', listener: (node: unknown) => void): unknown
}

export function isRedisCluster(thing: object): thing is RedisCluster {
  const it = thing as Partial<Record<keyof RedisCluster, unknown>> & { isCluster?: unknown }
  return it.isCluster === true && [it.nodes, it.on, it.removeListener].every(isFunction)
}

/** Whether an object is a client of one server, with all that the probe touches. */
export function isRedisClient(thing: object): thing is RedisClient {
  const it = thing as Partial<Record<keyof RedisClient, unknown>>
  return (
    [it.sendCommand, it.on, it.removeListener].every(isFunction) &&
    typeof it.status === 'string' &&
    typeof it.options === 'object' &&
    it.options !== null &&
    isQueue(it.commandQueue) &&
    isQueue(it.offlineQueue)
  )
}

function isQueue(queue: unknown): boolean {
  const it = queue as Partial<Queue> | null | undefined
  return typeof it?.length === 'number' && isFunction(it.peekBack)
}

function isFunction(part: unknown): boolean {
  return typeof part === 'function'
}
