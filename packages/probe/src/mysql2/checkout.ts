import type { Handles } from '../core/handles.ts'
import type { PoolMeter } from '../core/meter.ts'
import { ownMethod } from '../core/replace.ts'
import { captureStack } from '../core/stack.ts'
import { noticeOpening, slotOf } from './connections.ts'
import { type Checkout, type MysqlConnection, type MysqlPool, SLOT } from './shape.ts'

/** A ticket that was used. */
const SETTLED = -2

/**
 * A pool's `getConnection`, measured. `query` and `execute` of the pool go through it, and so do promise pools and
 * clusters. The driver's tracing channel would tell the same moments, but not of which pool they are; and one listener
 * to it makes every pool of the process pay.
 * @param onFault called when measuring failed; the caller is served all the same
 * @param handles gives each caller a stand-in; `null` gives the connection itself
 */
export function measuredCheckout(
  pool: MysqlPool,
  meter: PoolMeter,
  onFault: () => void,
  handles: Handles | null,
): MysqlPool['getConnection'] {
  const own = ownMethod(pool, 'getConnection')
  /** Callbacks that stand in the pool's queue. It hands one in again when a connection that it waited for is lost. */
  const queued = new WeakSet<object>()

  return function getConnection(this: MysqlPool, callback: Checkout): unknown {
    const original = own ?? (Object.getPrototypeOf(this) as MysqlPool).getConnection
    const again = typeof callback !== 'function' || queued.has(callback)
    if (meter.ended || again) return tracked(this, original, callback)
    let ticket = meter.asked(meter.sampler.next() ? captureStack(getConnection) : null)
    let next = callback
    const take: Checkout = (error, connection) => {
      if (ticket !== SETTLED) settle(meter, ticket, error, connection, onFault)
      ticket = SETTLED
      const hand = next
      // A connection keeps the callback that it was opened for, and that may keep the stand-in.
      if (handles !== null) next = unheard
      // In the driver's own words: it calls back with one argument where there is nothing to hand out.
      if (error) hand(error)
      else hand(error, handed(handles, connection))
    }
    try {
      const result = tracked(this, original, take)
      if (meter.mayPeak) meter.queued(servedAtOnce(this, meter))
      return result
    } catch (error) {
      if (ticket !== SETTLED) meter.failed(ticket, false)
      ticket = SETTLED
      throw error
    }
  }

  /** Calls the pool's own, and notices what it did with the call: opened a connection, or let it wait. */
  function tracked(from: MysqlPool, original: MysqlPool['getConnection'], callback: Checkout): unknown {
    const before = from._allConnections.length
    const waiting = from._connectionQueue.length
    const result = original.call(from, callback)
    try {
      if (from._connectionQueue.length > waiting) {
        // What stands there is the callback, or the tracing channel's shell around it.
        const last = from._connectionQueue.get(waiting)
        if (typeof last === 'function') queued.add(last)
      }
      if (!meter.ended) noticeOpening(from, meter, before)
    } catch {
      onFault()
    }
    return result
  }
}

/** In place of a callback that was called. */
function unheard(): void {}

/** What the caller gets: the connection, or a stand-in for it where those are given. */
function handed(handles: Handles | null, connection: MysqlConnection | undefined): typeof connection {
  const slot = connection?.[SLOT]
  return handles === null || connection === undefined || slot === undefined
    ? connection
    : handles.give(connection, slot)
}

/** Callers that the pool has given an idle connection to, and who get it in a moment. */
function servedAtOnce(pool: MysqlPool, meter: PoolMeter): number {
  return Math.max(0, meter.waiting - pool._connectionQueue.length - meter.connecting)
}

function settle(
  meter: PoolMeter,
  ticket: number,
  error: unknown,
  connection: MysqlConnection | undefined,
  onFault: () => void,
): void {
  try {
    if (error || connection === undefined) meter.failed(ticket, isTimeout(error))
    else meter.served(ticket, connection[SLOT] ?? slotOf(connection, meter))
  } catch {
    onFault()
  }
}

/** The driver knows no limit for waiting; the one for opening a connection it gives this code. */
function isTimeout(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ETIMEDOUT'
}
