import { connectionOf } from '../core/handles.ts'
import type { PoolMeter } from '../core/meter.ts'
import { ownMethod } from '../core/replace.ts'
import type { Slot } from '../core/slot.ts'
import { type MysqlConnection, type MysqlPool, SLOT } from './shape.ts'
import type { MysqlTurning } from './turning.ts'

/** The slot of a connection; one that was never seen before is taken in as open. */
export function slotOf(connection: MysqlConnection, meter: PoolMeter): Slot {
  return connection[SLOT] ?? attach(connection, meter.adopt(connection, false))
}

/** Notices a connection that the pool began to open since it had `before` of them. */
export function noticeOpening(pool: MysqlPool, meter: PoolMeter, before: number): void {
  const { length } = pool._allConnections
  if (length <= before) return
  const connection = pool._allConnections.get(length - 1) as MysqlConnection
  if (connection[SLOT] === undefined) attach(connection, meter.opening(connection))
}

/** Follows a pool's event for a connection that is open. Answers how to stop. */
export function followOpened(
  pool: MysqlPool,
  meter: PoolMeter,
  onOpened: () => void,
  onFault: () => void,
): () => void {
  const opened = (connection: MysqlConnection) => {
    try {
      // Without a slot it began to open before the pool was watched, and goes to a caller who was not seen to ask.
      if (connection[SLOT] === undefined) attach(connection, meter.adopt(connection, true))
      else meter.opened(connection[SLOT])
      onOpened()
    } catch {
      onFault()
    }
  }
  pool.on('connection', opened)
  return () => {
    pool.removeListener('connection', opened)
  }
}

/**
 * A pool's `releaseConnection`, measured: every connection that is given back, and every one that is gone, passes it.
 * The pool's `release` event leaves out those that go straight to the next caller.
 */
export function measuredRelease(
  pool: MysqlPool,
  meter: PoolMeter,
  onFault: () => void,
  turning: MysqlTurning,
): MysqlPool['releaseConnection'] {
  const own = ownMethod(pool, 'releaseConnection')
  return function releaseConnection(this: MysqlPool, given) {
    const connection = connectionOf(given)
    try {
      if (!meter.ended) noticeReturn(connection, meter)
    } catch {
      onFault()
    }
    if (turning.closes(connection)) return undefined
    return (own ?? (Object.getPrototypeOf(this) as MysqlPool).releaseConnection).call(this, connection)
  }
}

function noticeReturn(connection: MysqlConnection, meter: PoolMeter): void {
  const slot = slotOf(connection, meter)
  // Without a pool it was taken out of it, whoever did that: before it was open, in a caller's hand, or idle.
  const gone = !connection._pool
  if (gone && slot.state === 'connecting') meter.openFailed(slot)
  else meter.returned(slot)
  if (gone) meter.closed(slot)
}

/** Takes in the connections that a pool has already; those that are still being opened when they are open. */
export function adoptConnections(pool: MysqlPool, meter: PoolMeter): void {
  const idle = new Set(items(pool._freeConnections))
  for (const connection of items(pool._allConnections)) {
    if (connection.threadId) attach(connection, meter.adopt(connection, !idle.has(connection)))
  }
}

function items(queue: MysqlPool['_allConnections']): MysqlConnection[] {
  return Array.from({ length: queue.length }, (_, i) => queue.get(i) as MysqlConnection)
}

function attach(connection: MysqlConnection, slot: Slot): Slot {
  Object.defineProperty(connection, SLOT, { value: slot, configurable: true, writable: true })
  return slot
}
