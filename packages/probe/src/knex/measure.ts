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
import { undoAll } from '../core/replace.ts'
import type { Slot } from '../core/slot.ts'
import { captureStack } from '../core/stack.ts'
import { timeoutMs, whole } from '../core/values.ts'
import type { Measurement, MeasureOptions } from '../core/watching.ts'
import { Callers } from './callers.ts'
import type { KnexPool, TarnPool } from './shape.ts'

/**
 * Measures one tarn pool by its events, and follows its Knex client for the code behind each checkout.
 * @throws what a client throws that does not let itself be changed; all is left as it was
 */
export function measure(knex: KnexPool, options: MeasureOptions): Measurement {
  const { pool } = knex
  const adapter = new TarnAdapter(knex)
  const meter = new PoolMeter(options.name, adapter, options.stackEvery)
  const leases = new Leases(meter)
  const undos: (() => void)[] = []
  for (const [items, inUse] of [[pool.used, true] as const, [pool.free, false] as const]) {
    for (const connection of connections(items)) leases.adopt(connection, inUse)
  }
  const on: On = (event, listen) => {
    const listener = (first: never, second: never) => {
      try {
        listen(first, second)
      } catch {
        options.onFault()
      }
    }
    pool.on(event, listener)
    undos.push(() => pool.removeListener(event, listener))
  }
  const opened = (connection: object) => adapter.learn(connection)
  const callers = new Callers(() => !meter.ended && meter.sampler.next())
  undos.push(() => callers.undo())
  followCallers(pool, meter, leases, callers, on)
  followConnections(meter, leases, opened, on)
  on('poolDestroySuccess', () => options.onEnd())
  try {
    callers.follow(knex.client)
  } catch (error) {
    undoAll(undos)
    throw error
  }
  return { meter, undo: () => undoAll(undos) }
}

/** Listens to one of the pool's events, none of which has more than two arguments that matter. */
type On = (event: string, listen: (first: never, second: never) => void) => void

function followCallers(pool: TarnPool, meter: PoolMeter, leases: Leases, callers: Callers, on: On): void {
  const tickets = new Map<number, number>()
  on('acquireRequest', function asked(id: number) {
    const { stack = meter.sampler.next() ? captureStack(asked) : null } = callers
    tickets.set(id, meter.asked(stack))
    // Callers whose connection is being checked, and those for whom a free one is at hand.
    const free = Math.min(pool.numFree(), pool.numPendingAcquires() + 1)
    meter.queued(pool.numPendingValidations() + free)
  })
  const settle = (id: number, act: (ticket: number) => void) => {
    const ticket = tickets.get(id)
    // Asked before the pool was watched.
    if (ticket === undefined) return
    tickets.delete(id)
    act(ticket)
  }
  on('acquireSuccess', (id: number, connection: object) =>
    settle(id, (ticket) => meter.served(ticket, leases.slotOf(connection))),
  )
  on('acquireFail', (id: number, error: unknown) =>
    settle(id, (ticket) => meter.failed(ticket, isTimeoutError(error))),
  )
  on('release', (connection: object) => meter.returned(leases.slotOf(connection)))
}

function followConnections(
  meter: PoolMeter,
  leases: Leases,
  onOpened: (connection: object) => void,
  on: On,
): void {
  const opening = new Map<number, Slot>()
  on('createRequest', (id: number) => opening.set(id, leases.opening()))
  on('createSuccess', (id: number, connection: object) => {
    const slot = opening.get(id)
    opening.delete(id)
    onOpened(connection)
    if (slot !== undefined) leases.opened(slot, connection)
  })
  on('createFail', (id: number) => {
    const slot = opening.get(id)
    opening.delete(id)
    if (slot !== undefined) meter.openFailed(slot)
  })
  const gone = (_id: number, connection: object) => {
    const slot = leases.find(connection)
    if (slot !== undefined) meter.closed(slot)
  }
  on('destroyRequest', (_id: number, connection: object) => {
    const slot = leases.find(connection)
    if (slot !== undefined) meter.returned(slot)
  })
  on('destroySuccess', gone)
  on('destroyFail', gone)
}

function connections(items: unknown): object[] {
  if (!Array.isArray(items)) return []
  return items.flatMap(({ resource }: { resource?: unknown }) =>
    typeof resource === 'object' && resource !== null ? [resource] : [],
  )
}

/** What the meter asks about a pool. Holds it weakly: a pool that its owner forgot is not kept. */
class TarnAdapter implements PoolAdapter {
  readonly system: System
  readonly #pool: WeakRef<TarnPool>
  #target: PoolTarget
  #learnt = false

  constructor({ pool, system, target }: KnexPool) {
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
      max: whole(pool.max),
      min: whole(pool.min),
      acquireTimeoutMs: timeoutMs(pool.acquireTimeoutMillis),
      idleTimeoutMs: timeoutMs(pool.idleTimeoutMillis),
      idle: pool.numFree(),
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
