import type { OriginPool } from './origin-pool.ts'

/** The part of a socket that the probe touches. */
export type Socket = object & {
  readonly destroyed?: boolean
  once(event: 'close', listener: () => void): unknown
}

/** What a dispatcher tells of a request. Which of its methods there are depends on who made it. */
export type Handler = object & Record<string, unknown>

/** The part of `undici`'s `Agent`, `Pool` and `Client` that the probe touches. */
export type Dispatcher = object & {
  dispatch(options: { origin?: unknown }, handler: Handler): boolean
  close(callback?: (...args: unknown[]) => void): unknown
  destroy(...args: unknown[]): unknown
}

/** Whether an object can be measured. */
export function isDispatcher(thing: object): thing is Dispatcher {
  const it = thing as Partial<Record<keyof Dispatcher, unknown>>
  return [it.dispatch, it.close, it.destroy].every((part) => typeof part === 'function')
}

/** Finds the pool of a request, by where it goes to; `null` for the dispatcher's only place. */
export type PoolOf = (origin: unknown) => OriginPool

/** `protocol://host:port`; `null` for what is no such address. */
export function originOf(url: unknown): string | null {
  if (typeof url !== 'string' && !(url instanceof URL)) return null
  try {
    const { protocol, host } = new URL(url)
    return `${protocol}//${host}`
  } catch {
    return null
  }
}

/** Settings that a dispatcher keeps to itself; what it does not have is `undefined`. */
export function settingsOf(dispatcher: object): {
  url: unknown
  connections: unknown
  keepAliveTimeout: unknown
  isClient: boolean
} {
  const options = (hidden(dispatcher, 'options') ?? {}) as Record<string, unknown>
  const own = hidden(dispatcher, 'default keep alive timeout')
  return {
    url: hidden(dispatcher, 'url'),
    connections: hidden(dispatcher, 'connections') ?? options.connections,
    keepAliveTimeout: own ?? options.keepAliveTimeout,
    isClient: own !== undefined,
  }
}

function hidden(thing: object, description: string): unknown {
  const symbol = Object.getOwnPropertySymbols(thing).find((it) => it.description === description)
  return symbol === undefined ? undefined : (thing as Record<symbol, unknown>)[symbol]
}
