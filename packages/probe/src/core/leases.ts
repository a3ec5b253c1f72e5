import type { PoolTarget } from '@poolscope/protocol'
import { type Activity, driverActivity } from './activity.ts'
import type { PoolMeter } from './meter.ts'
import type { Slot } from './slot.ts'
import { port, text, whole } from './values.ts'

/** A connection of a pool that is not told of one before it is open. */
type Lease = { connection: object | null }

/**
 * The connections of a pool that keeps any kind of thing: which slot belongs to which. Holds them weakly, and leaves
 * nothing on them.
 */
export class Leases {
  readonly #meter: PoolMeter
  readonly #slots = new WeakMap<object, Slot>()

  constructor(meter: PoolMeter) {
    this.#meter = meter
  }

  /** The pool begins to open a connection, which nobody has seen yet. */
  opening(): Slot {
    const lease: Lease = { connection: null }
    return this.#meter.opening(lease)
  }

  /** It is open, and idle until it is handed out. */
  opened(slot: Slot, connection: object): void {
    ;(slot.connection as Lease).connection = connection
    this.#slots.set(connection, slot)
    this.#meter.opened(slot)
    this.#meter.returned(slot)
  }

  /** Takes in a connection that was open before the pool was watched. */
  adopt(connection: object, inUse: boolean): Slot {
    const lease: Lease = { connection }
    const slot = this.#meter.adopt(lease, inUse)
    this.#slots.set(connection, slot)
    return slot
  }

  /** The slot of a connection; one that was never seen before is taken in as open. */
  slotOf(connection: object): Slot {
    return this.#slots.get(connection) ?? this.adopt(connection, false)
  }

  /** The slot of a connection; `undefined` for one that was never seen. */
  find(connection: object): Slot | undefined {
    return this.#slots.get(connection)
  }
}

/** The server's id of the session behind a slot of {@link Leases}: pg's, mysql2's or mariadb's name for it. */
export function leasedSessionPid(lease: object): number | null {
  const connection = (lease as Lease).connection as { processID?: unknown; threadId?: unknown } | null
  return whole(connection?.processID ?? connection?.threadId, Number.MAX_SAFE_INTEGER)
}

/** What the connection behind a slot of {@link Leases} does, where it is one of `pg` or `mysql2`. */
export function leasedActivity(lease: object): Activity | null {
  const { connection } = lease as Lease
  return connection === null ? null : driverActivity(connection)
}

/** Where a raw connection of `pg` or `mysql2` leads by its own word; what it does not say is taken from `before`. */
export function targetOfConnection(connection: object, before: PoolTarget): PoolTarget {
  const { config } = connection as { config?: unknown }
  const own = (typeof config === 'object' && config !== null ? config : connection) as Record<string, unknown>
  return {
    host: text(own.host, 255) ?? before.host,
    port: port(own.port) ?? before.port,
    database: text(own.database) ?? before.database,
    user: text(own.user) ?? before.user,
  }
}

/** Whether a generic pool's error says that a caller gave up: their classes carry no code. */
export function isTimeoutError(error: unknown): boolean {
  return error instanceof Error && error.constructor.name === 'TimeoutError'
}
