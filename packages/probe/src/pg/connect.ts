import type { PoolMeter } from '../core/meter.ts'
import { captureStack } from '../core/stack.ts'
import { slotOf } from './clients.ts'
import type { Checkout, PgClient, PgPool } from './shape.ts'

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
 * promise that makes one promise instead of the two of the driver, which pays for the measuring.
 * @param original finds the method below ours
 * @param onFault called when measuring failed; the caller is served all the same
 */
export function measuredConnect(
  original: (pool: PgPool) => PgPool['connect'],
  meter: PoolMeter,
  onFault: () => void,
): PgPool['connect'] {
  return function connect(this: PgPool, callback?: Checkout): unknown {
    if (meter.ended) return original(this).call(this, callback)
    let ticket = meter.asked(meter.sampler.next() ? captureStack(connect) : null)
    let promise: unknown
    let take = callback
    if (take === undefined) {
      promise = new this.Promise((resolve) => {
        take = (error, client) => resolve(error ? rejection(this, error) : client)
      })
    }
    const onConnection: Checkout = (error, client, release) => {
      if (ticket !== SETTLED) {
        const used = ticket
        ticket = SETTLED
        settle(meter, used, error, client, onFault)
      }
      take?.(error, client, release)
    }
    try {
      const result = original(this).call(this, onConnection)
      if (meter.mayPeak) meter.queued(Math.min(this.waitingCount, this.idleCount))
      return promise ?? result
    } catch (error) {
      if (ticket !== SETTLED) meter.failed(ticket, false)
      ticket = SETTLED
      throw error
    }
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
    else meter.served(ticket, slotOf(client, meter))
  } catch {
    onFault()
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && TIMEOUTS.has(error.message)
}

/**
 * A rejected promise whose error tells the code that asked, as the driver's own does: by itself the error
 * would lead to the socket or the timer that brought the bad news.
 */
function rejection(pool: PgPool, error: unknown): Promise<never> {
  return pool.Promise.reject(error).catch((reason: unknown) => {
    if (reason instanceof Error) Error.captureStackTrace(reason)
    throw reason
  })
}
