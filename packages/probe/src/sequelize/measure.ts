import type { PoolTarget, System } from '@poolscope/protocol'
import type { Activity } from '../core/activity.ts'
import {
  isTimeoutError,
  Leases,
  leasedActivity,
  leasedSessionPid,
  targetOfConnection,
} from '../core/leases.ts'
import { PoolMeter } from '../core/meter.ts'
import type { PoolAdapter, PoolView } from '../core/pool-adapter.ts'
import { ownMethod, quietly, replace, undoAll } from '../core/replace.ts'
import { captureStack } from '../core/stack.ts'
import { timeoutMs, whole } from '../core/values.ts'
import type { Measurement, MeasureOptions } from '../core/watching.ts'
import { Callers } from './callers.ts'
import type { FoundPool, SequelizePool } from './shape.ts'

/**
 * Measures one pool of Sequelize. It has no events: its own methods are wrapped, and what opens its connections.
 * @throws what a pool throws that does not let itself be changed; it is left as it was
 */
export function measure(found: FoundPool, options: MeasureOptions): Measurement {
  const { pool } = found
  const adapter = new SequelizeAdapter(found)
  const meter = new PoolMeter(options.name, adapter, options.stackEvery)
  const leases = new Leases(meter)
  const undos: (() => void)[] = []
  try {
    for (const [items, inUse] of [
      [pool._inUseObjects, true] as const,
      [pool._availableObjects, false] as const,
    ]) {
      for (const connection of connections(items)) leases.adopt(connection, inUse)
    }
    const create = measuredCreate(pool._factory, meter, leases, (connection) => adapter.learn(connection))
    undos.push(replace(pool._factory, 'create', create))
    undos.push(replace(pool, 'destroyAllNow', announcedEnd(pool, options.onEnd)))
    undos.push(replace(pool, 'destroy', measuredDestroy(pool, meter, leases)))
    undos.push(replace(pool, 'release', measuredRelease(pool, meter, leases)))
    const callers = new Callers(() => !meter.ended && meter.sampler.next())
    undos.push(replace(pool, 'acquire', measuredAcquire(pool, meter, leases, callers)))
    callers.follow(found.sequelize)
    undos.push(() => callers.undo())
  } catch (error) {
    undoAll(undos)
    throw error
  }
  return { meter, undo: () => undoAll(undos) }
}

function measuredAcquire(
  pool: SequelizePool,
  meter: PoolMeter,
  leases: Leases,
  callers: Callers,
): SequelizePool['acquire'] {
  const own = ownMethod(pool, 'acquire')
  return function acquire(this: SequelizePool): Promise<object> {
    const original = own ?? (Object.getPrototypeOf(this) as SequelizePool).acquire
    if (meter.ended) return original.call(this)
    const { stack = meter.sampler.next() ? captureStack(acquire) : null } = callers
    const ticket = meter.asked(stack)
    const waiting = this.waiting
    const result = original.call(this)
    // Callers who stand in no queue have their connection already, and hear of it in a moment.
    if (this.waiting > waiting) meter.queued(Math.max(0, meter.waiting - this.waiting))
    result.then(
      (connection) => quietly(() => meter.served(ticket, leases.slotOf(connection))),
      (error: unknown) => quietly(() => meter.failed(ticket, isTimeoutError(error))),
    )
    return result
  }
}

function measuredRelease(pool: SequelizePool, meter: PoolMeter, leases: Leases): SequelizePool['release'] {
  const own = ownMethod(pool, 'release')
  return function release(this: SequelizePool, connection) {
    quietly(() => {
      if (!meter.ended) meter.returned(leases.slotOf(connection))
    })
    return (own ?? (Object.getPrototypeOf(this) as SequelizePool).release).call(this, connection)
  }
}

/** Whatever ends a connection, passes this: a use too many, idleness, a check that it failed, a shut-down. */
function measuredDestroy(pool: SequelizePool, meter: PoolMeter, leases: Leases): SequelizePool['destroy'] {
  const own = ownMethod(pool, 'destroy')
  return function destroy(this: SequelizePool, connection) {
    const result = (own ?? (Object.getPrototypeOf(this) as SequelizePool).destroy).call(this, connection)
    quietly(() => {
      const slot = meter.ended ? undefined : leases.find(connection)
      if (slot === undefined) return
      meter.returned(slot)
      const closed = () => quietly(() => meter.closed(slot))
      result.then(closed, closed)
    })
    return result
  }
}

function measuredCreate(
  factory: SequelizePool['_factory'],
  meter: PoolMeter,
  leases: Leases,
  onOpened: (connection: object) => void,
): SequelizePool['_factory']['create'] {
  const { create: original } = factory
  return function create(this: SequelizePool['_factory']): Promise<object> {
    if (meter.ended) return original.call(this)
    const slot = leases.opening()
    try {
      const result = original.call(this)
      result.then(
        (connection) =>
          quietly(() => {
            onOpened(connection)
            leases.opened(slot, connection)
          }),
        () => quietly(() => meter.openFailed(slot)),
      )
      return result
    } catch (error) {
      meter.openFailed(slot)
      throw error
    }
  }
}

function announcedEnd(pool: SequelizePool, onEnd: () => void): SequelizePool['destroyAllNow'] {
  const own = ownMethod(pool, 'destroyAllNow')
  return function destroyAllNow(this: SequelizePool) {
    const result = (own ?? (Object.getPrototypeOf(this) as SequelizePool).destroyAllNow).call(this)
    // Without being drained before, it only begins anew.
    const ended = () => {
      if (this._draining === true) quietly(onEnd)
    }
    result.then(ended, ended)
    return result
  }
}

function connections(items: unknown): object[] {
  if (!Array.isArray(items)) return []
  return items.flatMap(({ resource }: { resource?: unknown }) =>
    typeof resource === 'object' && resource !== null ? [resource] : [],
  )
}

/** What the meter asks about a pool. Holds it weakly: a pool that its owner forgot is not kept. */
class SequelizeAdapter implements PoolAdapter {
  readonly system: System
  readonly #pool: WeakRef<SequelizePool>
  #target: PoolTarget
  #learnt = false

  constructor({ pool, system, target }: FoundPool) {
    this.system = system
    this.#pool = new WeakRef(pool)
    this.#target = target
  }

  /** The first connection knows best where it leads. */
  learn(connection: object): void {
    if (this.#learnt) return
    this.#target = targetOfConnection(connection, this.#target)
    this.#learnt = true
  }

  view(): PoolView | null {
    const pool = this.#pool.deref()
    if (pool === undefined) return null
    return {
      max: whole(pool.maxSize),
      min: whole(pool.minSize),
      acquireTimeoutMs: timeoutMs(pool.acquireTimeoutMillis),
      idleTimeoutMs: timeoutMs(pool.idleTimeoutMillis),
      idle: pool.available,
      target: this.#target,
    }
  }

  sessionPid(lease: object): number | null {
    return leasedSessionPid(lease)
  }

  activity(lease: object): Activity | null {
    return leasedActivity(lease)
  }
}
