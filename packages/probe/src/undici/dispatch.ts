import { quietly } from '../core/replace.ts'
import type { Slot, Stay } from '../core/slot.ts'
import { captureStack } from '../core/stack.ts'
import { connections } from './channels.ts'
import { type OriginPool, poolWith } from './origin-pool.ts'
import type { Dispatcher, Handler, PoolOf, Socket } from './shape.ts'

/**
 * A dispatcher's `dispatch`, through which every request goes.
 * @param own the method that the dispatcher itself had instead of its class's
 */
export function measuredDispatch(
  own: Dispatcher['dispatch'] | undefined,
  poolOf: PoolOf,
  onFault: () => void,
): Dispatcher['dispatch'] {
  return function dispatch(this: Dispatcher, options, handler) {
    const original = own ?? (Object.getPrototypeOf(this) as Dispatcher).dispatch
    let call: Call | null = null
    try {
      // What is no handler, the driver itself refuses.
      if (typeof handler === 'object' && handler !== null) {
        const pool = poolOf(options?.origin)
        call = new Call(pool, pool.meter.sampler.next() ? captureStack(dispatch) : null)
      }
    } catch {
      onFault()
    }
    if (call === null) return original.call(this, options, handler)
    const { pool } = call
    const before = connections.dispatching
    connections.dispatching = pool
    try {
      return original.call(this, options, call.told(handler))
    } catch (error) {
      call.failed(error)
      throw error
    } finally {
      connections.dispatching = before
      call.queued()
    }
  }
}

/** One request, from being asked for to the end of its answer. */
export class Call {
  readonly pool: OriginPool
  #ticket: number | null
  #on: { pool: OriginPool; slot: Slot; stay: Stay } | null = null

  constructor(pool: OriginPool, stack: object | null) {
    this.pool = pool
    this.#ticket = pool.meter.asked(stack)
  }

  queued(): void {
    if (this.#ticket !== null) this.pool.meter.queued(0)
  }

  /** It has a connection. A request that is repeated or sent on elsewhere comes here once more. */
  sent(socket: Socket): void {
    this.#leave()
    const pool = poolWith(socket) ?? this.pool
    const slot = pool.slotOf(socket)
    if (this.#ticket !== null && pool !== this.pool) {
      this.pool.meter.withdrew(this.#ticket)
      this.#ticket = null
    }
    const ticket = this.#ticket ?? pool.meter.asked(null)
    this.#ticket = null
    this.#on = { pool, slot, stay: pool.meter.joined(ticket, slot) }
  }

  failed(error: unknown): void {
    if (this.#ticket !== null) this.pool.meter.failed(this.#ticket, isTimeout(error))
    this.#ticket = null
    this.#leave()
  }

  #done(): void {
    if (this.#ticket !== null) this.pool.meter.withdrew(this.#ticket)
    this.#ticket = null
    this.#leave()
  }

  /** The connection belongs to a WebSocket or a tunnel from now on. */
  #upgraded(): void {
    const on = this.#on
    this.#done()
    on?.pool.remove(on.slot)
  }

  #leave(): void {
    const on = this.#on
    this.#on = null
    on?.pool.meter.left(on.slot, on.stay)
  }

  /** A handler that notices what the given one is told. It has the same methods, by which the driver knows its kind. */
  told(handler: Handler): Handler {
    const started = () => {
      connections.starting = this
    }
    const noticed: Record<string, (...args: unknown[]) => void> = {
      onConnect: started,
      onRequestStart: started,
      onComplete: () => this.#done(),
      onResponseEnd: () => this.#done(),
      onError: (error) => this.failed(error),
      onResponseError: (_controller, error) => this.failed(error),
      onUpgrade: () => this.#upgraded(),
      onRequestUpgrade: () => this.#upgraded(),
    }
    const told: Handler = {}
    for (const name of METHODS) {
      const method = handler[name]
      if (typeof method !== 'function') continue
      const notice = noticed[name]
      told[name] = (...args: unknown[]) => {
        if (notice !== undefined) quietly(() => notice(...args))
        // The class of a handler may have fields that only it itself reaches.
        return Reflect.apply(method, handler, args)
      }
    }
    return told
  }
}

const METHODS = [
  'onConnect',
  'onHeaders',
  'onData',
  'onComplete',
  'onError',
  'onUpgrade',
  'onBodySent',
  'onRequestSent',
  'onResponseStarted',
  'onRequestStart',
  'onRequestUpgrade',
  'onResponseStart',
  'onResponseData',
  'onResponseEnd',
  'onResponseError',
] as const

function isTimeout(error: unknown): boolean {
  const { code, name, cause } = (error ?? {}) as { code?: unknown; name?: unknown; cause?: unknown }
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return true
  return name === 'TimeoutError' || (cause as { name?: unknown } | null | undefined)?.name === 'TimeoutError'
}
