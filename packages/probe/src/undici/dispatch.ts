import type { Slot, Stay } from '../core/slot.ts'
import { captureStack } from '../core/stack.ts'
import { connections } from './channels.ts'
import { told } from './handler.ts'
import { type OriginPool, poolWith } from './origin-pool.ts'
import type { Dispatcher, PoolOf, Socket } from './shape.ts'

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
      return original.call(this, options, told(handler, call))
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
  /** The connection that it is on, and its time there. */
  #on: OriginPool | null = null
  #slot: Slot | null = null
  #stay: Stay | null = null

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
    const { meter } = pool
    this.#stay = this.#ticket === null ? meter.joinedAtOnce(slot, null) : meter.joined(this.#ticket, slot)
    this.#ticket = null
    this.#on = pool
    this.#slot = slot
  }

  failed(error: unknown): void {
    if (this.#ticket !== null) this.pool.meter.failed(this.#ticket, isTimeout(error))
    this.#ticket = null
    this.#leave()
  }

  done(): void {
    if (this.#ticket !== null) this.pool.meter.withdrew(this.#ticket)
    this.#ticket = null
    this.#leave()
  }

  /** The connection belongs to a WebSocket or a tunnel from now on. */
  upgraded(): void {
    const slot = this.#stay === null ? null : this.#slot
    this.done()
    if (slot !== null) this.#on?.remove(slot)
  }

  #leave(): void {
    if (this.#stay === null) return
    this.#on?.meter.left(this.#slot as Slot, this.#stay)
    this.#stay = null
  }
}

function isTimeout(error: unknown): boolean {
  const { code, name, cause } = (error ?? {}) as { code?: unknown; name?: unknown; cause?: unknown }
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return true
  return name === 'TimeoutError' || (cause as { name?: unknown } | null | undefined)?.name === 'TimeoutError'
}
