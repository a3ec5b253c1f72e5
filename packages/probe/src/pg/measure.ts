import type { IgnoredOption, PoolTarget } from '@poolscope/protocol'
import { type Activity, pgActivity } from '../core/activity.ts'
import { Handles } from '../core/handles.ts'
import type { Turning } from '../core/knob.ts'
import { PoolMeter } from '../core/meter.ts'
import type { PoolAdapter, PoolView } from '../core/pool-adapter.ts'
import { adoptClients, followClients, measuredClient } from './clients.ts'
import { measuredConnect } from './connect.ts'
import { ignoredOptions } from './ignored-options.ts'
import type { PgClient, PgPool } from './shape.ts'
import { targetOfClient } from './target.ts'
import { turningOf } from './turning.ts'

/** A pool under measurement. */
export type Measurement = {
  readonly meter: PoolMeter
  readonly turning: Turning | null
  /** Leaves the pool as it was. */
  undo(): void
}

/** How to measure a pool, and whom to tell. */
export type MeasureOptions = {
  name: string
  stackEvery: number
  /** See {@link Handles}. */
  proveLeaks: boolean
  /** Where the pool leads, as far as its options say. */
  target: PoolTarget
  /** The pool was shut down. */
  onEnd: () => void
  /** Measuring failed, and what it says from now on may be wrong. The pool works on. */
  onFault: () => void
}

/**
 * Measures one `pg` pool: by its own `connect`, which `pool.query` goes through too, its client class for connections
 * that open, and its events for the rest.
 * @throws what a pool throws that does not let itself be changed; it is left as it was
 */
export function measure(pool: PgPool, options: MeasureOptions): Measurement {
  const { onEnd, onFault } = options
  const adapter = new PgAdapter(pool, options.target)
  const meter = new PoolMeter(options.name, adapter, options.stackEvery)
  const undos: (() => void)[] = []
  const undo = () => {
    for (const step of undos.splice(0).reverse()) quietly(step)
  }
  try {
    adoptClients(pool, meter)
    undos.push(followClients(pool, meter, (client) => adapter.learn(client), onFault))
    undos.push(replace(pool, 'Client', measuredClient(pool.Client, meter, onFault)))
    undos.push(replace(pool, 'end', announcedEnd(ownMethod(pool, 'end'), onEnd)))
    const handles = options.proveLeaks ? new Handles(meter) : null
    const connect = measuredConnect(ownMethod(pool, 'connect'), meter, onFault, handles)
    undos.push(replace(pool, 'connect', connect))
  } catch (error) {
    undo()
    throw error
  }
  return { meter, turning: turningOf(pool), undo }
}

/** What the meter asks about a pool. Holds it weakly: a pool that its owner forgot is not kept. */
class PgAdapter implements PoolAdapter {
  readonly system = 'postgresql'
  readonly #pool: WeakRef<PgPool>
  readonly #ignoredOptions: IgnoredOption[]
  #target: PoolTarget
  #learnt = false

  constructor(pool: PgPool, target: PoolTarget) {
    this.#pool = new WeakRef(pool)
    this.#ignoredOptions = ignoredOptions(pool.options)
    this.#target = target
  }

  /** The first connection knows best where it leads. */
  learn(client: PgClient): void {
    if (this.#learnt) return
    this.#target = targetOfClient(client, this.#target)
    this.#learnt = true
  }

  view(): PoolView | null {
    const pool = this.#pool.deref()
    if (pool === undefined) return null
    return {
      max: whole(pool.options.max),
      min: whole(pool.options.min),
      acquireTimeoutMs: timeout(pool.options.connectionTimeoutMillis),
      idleTimeoutMs: timeout(pool.options.idleTimeoutMillis),
      maxLifetimeMs: timeout(Number(pool.options.maxLifetimeSeconds) * 1000),
      ignoredOptions: this.#ignoredOptions,
      idle: pool.idleCount,
      target: this.#target,
    }
  }

  sessionPid(connection: object): number | null {
    return whole((connection as PgClient).processID, Number.MAX_SAFE_INTEGER)
  }

  activity(connection: object): Activity {
    return pgActivity(connection)
  }
}

function whole(value: unknown, most = 1_000_000): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most ? value : null
}

/** Zero and nothing both mean "never" to the driver. */
function timeout(value: unknown): number | null {
  return typeof value === 'number' && value > 0 && value <= 1e12 ? value : null
}

function announcedEnd(own: PgPool['end'] | undefined, onEnd: () => void): PgPool['end'] {
  return function end(this: PgPool, callback?: (error?: unknown) => void): unknown {
    let promise: unknown
    let take = callback
    if (take === undefined) {
      promise = new this.Promise((resolve, reject) => {
        take = (error) => (error ? reject(error) : resolve(undefined))
      })
    }
    const original = own ?? (Object.getPrototypeOf(this) as PgPool).end
    const result = original.call(this, (error?: unknown) => {
      if (!error) quietly(onEnd)
      take?.(error)
    })
    return promise ?? result
  }
}

function ownMethod<K extends 'connect' | 'end'>(pool: PgPool, key: K): PgPool[K] | undefined {
  return Object.hasOwn(pool, key) ? pool[key] : undefined
}

/** Puts ours in place of one of a pool's properties, and answers how to put it back. */
function replace<K extends 'Client' | 'connect' | 'end'>(pool: PgPool, key: K, ours: PgPool[K]): () => void {
  const before = Object.getOwnPropertyDescriptor(pool, key)
  const enumerable = before?.enumerable ?? false
  Object.defineProperty(pool, key, { value: ours, writable: true, configurable: true, enumerable })
  return () => {
    // Someone patched on top of us: taking ours away would take theirs too.
    if (pool[key] !== ours) return
    if (before === undefined) delete (pool as Partial<PgPool>)[key]
    else Object.defineProperty(pool, key, before)
  }
}

function quietly(act: () => void): void {
  try {
    act()
  } catch {
    // The host must not notice.
  }
}
