import type { TurnableOptions } from '../core/knob.ts'
import { flush } from '../core/reporter.ts'
import { startWatching, stopWatching } from '../core/watching.ts'
import { measure } from './measure.ts'
import { isPgPool } from './shape.ts'
import { targetOf } from './target.ts'

export type { TurnableOptions as WatchOptions }
export { flush }

/**
 * Measures a `pg` pool from now on and reports it to the agent once a second. To be called before its first use: a
 * wait that already goes on is not seen. A second call for the same pool changes nothing.
 * @returns the same pool. It is left alone when it is not a `pg` pool, or is frozen, or measuring is switched off.
 *   Never throws.
 * @example const pool = watch(new Pool({ max: 20 }), { name: 'orders' })
 */
export function watch<P extends object>(pool: P, options: TurnableOptions = {}): P {
  try {
    start(pool, options)
  } catch {
    // Not measured, as documented: the host must not fail because of us.
  }
  return pool
}

/** Measures a pool no more, and leaves it as it was. Never throws. */
export function unwatch(pool: object): void {
  try {
    stopWatching(pool)
  } catch {
    // As in watch.
  }
}

function start(pool: object, options: TurnableOptions): void {
  if (!isPgPool(pool)) return
  const target = targetOf(pool.options, process.env)
  startWatching(pool, options, target.database, (how) => measure(pool, { ...how, target }))
}
