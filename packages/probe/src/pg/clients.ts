import type { PoolMeter } from '../core/meter.ts'
import type { Slot } from '../core/slot.ts'
import { type PgClient, type PgPool, SLOT } from './shape.ts'

/**
 * A pool's client class, the same but for one thing: opening a connection is noticed. The pool has no event for that
 * moment, nor for an opening that fails.
 */
export function measuredClient(
  Client: PgPool['Client'],
  meter: PoolMeter,
  onFault: () => void,
): PgPool['Client'] {
  const measured: PgPool['Client'] = new Proxy(Client, {
    construct(target, args, newTarget) {
      const client = Reflect.construct(target, args, newTarget === measured ? target : newTarget) as PgClient
      try {
        if (!meter.ended) noticeOpening(client, meter)
      } catch {
        onFault()
      }
      return client
    },
  })
  return measured
}

function noticeOpening(client: PgClient, meter: PoolMeter): void {
  const connect: PgClient['connect'] = function (this: PgClient, callback) {
    // Only the first call opens; the class's own method is in force again from here on.
    delete (client as Partial<PgClient>).connect
    const slot = attach(client, meter.opening(client))
    // An opening that a hook of the pool called off ends without any other sign.
    client.once('end', () => meter.openFailed(slot))
    if (typeof callback !== 'function') return client.connect()
    try {
      return client.connect((error, ...rest) => {
        if (error) meter.openFailed(slot)
        callback(error, ...rest)
      })
    } catch (error) {
      meter.openFailed(slot)
      throw error
    }
  }
  Object.defineProperty(client, 'connect', {
    value: connect,
    configurable: true,
    writable: true,
    enumerable: false,
  })
}

/** Follows a pool's events: a connection is open, was given back, is gone. Answers how to stop. */
export function followClients(
  pool: PgPool,
  meter: PoolMeter,
  onOpened: (client: PgClient) => void,
  onFault: () => void,
): () => void {
  // Called for every hold: in one piece, with nothing between the pool and the meter.
  const returned = (_error: unknown, client: PgClient) => {
    try {
      meter.returned(slotOf(client, meter))
    } catch {
      onFault()
    }
  }
  const opened = (client: PgClient) => {
    try {
      meter.opened(slotOf(client, meter))
      onOpened(client)
    } catch {
      onFault()
    }
  }
  const closed = (client: PgClient) => {
    try {
      meter.closed(slotOf(client, meter))
    } catch {
      onFault()
    }
  }
  pool.on('connect', opened)
  pool.on('release', returned)
  pool.on('remove', closed)
  return () => {
    pool.removeListener('connect', opened)
    pool.removeListener('release', returned)
    pool.removeListener('remove', closed)
  }
}

/**
 * Takes in the connections that a pool has already. Which of them are in use follows from the pool's inner lists;
 * where those are not to be read, each is taken in when it is next handed out.
 */
export function adoptClients(pool: PgPool, meter: PoolMeter): void {
  if (!Array.isArray(pool._clients) || !Array.isArray(pool._idle)) return
  const idle = new Set(pool._idle.map((item: { client?: unknown }) => item?.client))
  for (const client of pool._clients as PgClient[]) attach(client, meter.adopt(client, !idle.has(client)))
}

/** The slot of a connection; one that was never seen before is taken in as open. */
export function slotOf(client: PgClient, meter: PoolMeter): Slot {
  return client[SLOT] ?? attach(client, meter.adopt(client, false))
}

function attach(client: PgClient, slot: Slot): Slot {
  Object.defineProperty(client, SLOT, { value: slot, configurable: true, writable: true })
  return slot
}
