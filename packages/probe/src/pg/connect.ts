import { type Handles, keeping } from '../core/handles.ts'
import type { PoolMeter } from '../core/meter.ts'
import { captureStack } from '../core/stack.ts'
import { slotOf } from './clients.ts'
import { type Checkout, type PgClient, type PgPool, SLOT } from './shape.ts'

/** The texts by which the driver tells a caller that gave up; it gives these errors no code. */
const TIMEOUTS = new Set([
  'timeout exceeded when trying to connect',
  'Connection terminated due to connection timeout',
  'timeout expired',
])

/** A ticket that was used. */
const SETTLED = -2

/**
 * A pool's `connect`, measured. Both of its forms end in the original's callback form: for a caller that wants a
 * promise that saves one of the driver's own closures, which pays for a part of the measuring.
 * @param own the method that the pool itself had instead of its class's; else that is looked up at each call, so that
 *   an instrumentation that patches the class later still sees the calls
 * @param onFault called when measuring failed; the caller is served all the same
 * @param handles gives each caller a stand-in; `null` gives the connection itself
 */
export function measuredConnect(
  own: PgPool['connect'] | undefined,
  meter: PoolMeter,
  onFault: () => void,
  handles: Handles | null,
): PgPool['connect'] {
  return function connect(this: PgPool, callback?: Checkout): unknown {
    const original = own ?? (Object.getPrototypeOf(this) as PgPool).connect
    if (meter.ended) return original.call(this, callback)
    const stack = meter.sampler.next() ? captureStack(connect) : null
    if (callback !== undefined)
      return checkOut(this, original, meter, stack, handed(handles, callback), onFault)
    let take: Checkout = unheard
    const promise = new this.Promise<PgClient | undefined>((resolve, reject) => {
      take = (error, client) => (error ? reject(error) : resolve(client))
    })
    checkOut(this, original, meter, stack, handed(handles, take), onFault)
    return promise.catch(restack)
  }
}

/** A callback that gets a stand-in for the connection, where they are given. */
function handed(handles: Handles | null, callback: Checkout): Checkout {
  if (handles === null) return callback
  let next = callback
  return (error, client, release) => {
    const take = next
    // A connection keeps the callback that it was opened for, and that the promise with the stand-in.
    next = unheard
    const slot = client?.[SLOT]
    if (error || client === undefined || slot === undefined) return take(error, client, release)
    const handle = handles.give(client, slot)
    take(error, handle, keeping(handle, release))
  }
}

function checkOut(
  pool: PgPool,
  original: PgPool['connect'],
  meter: PoolMeter,
  stack: object | null,
  callback: Checkout,
  onFault: () => void,
): unknown {
  let ticket = meter.asked(stack)
  const onConnection: Checkout = (error, client, release) => {
    if (ticket !== SETTLED) {
      settle(meter, ticket, error, client, onFault)
      ticket = SETTLED
    }
    callback(error, client, release)
  }
  try {
    const result = original.call(pool, onConnection)
    if (meter.mayPeak) meter.queued(Math.min(pool.waitingCount, pool.idleCount))
    return result
  } catch (error) {
    if (ticket !== SETTLED) meter.failed(ticket, false)
    ticket = SETTLED
    throw error
  }
}

function settle(
  meter: PoolMeter,
  ticket: number,
  error: unknown,
  client: PgClient | undefined,
  onFault: () => void,
): void {
  try {
    if (error || client === undefined) meter.failed(ticket, isTimeout(error))
    else meter.served(ticket, client[SLOT] ?? slotOf(client, meter))
  } catch {
    onFault()
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && TIMEOUTS.has(error.message)
}

/** In place until the promise hands out what settles it. */
function unheard(): void {}

/**
 * Makes a rejection's error tell the code that asked, as the driver's own does: by itself it would lead to the
 * socket or the timer that brought the bad news.
 */
function restack(error: unknown): never {
  if (error instanceof Error) Error.captureStackTrace(error)
  throw error
}
