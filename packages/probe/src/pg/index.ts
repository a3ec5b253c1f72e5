import { destinationOf, poolName, stackEvery, type WatchOptions } from '../core/identity.ts'
import { flush, reporterFor } from '../core/reporter.ts'
import { type Measurement, measure } from './measure.ts'
import { isPgPool } from './shape.ts'
import { targetOf } from './target.ts'

export type { WatchOptions }
export { flush }

/** Shared by all copies of this package in a process, so that no two of them measure one pool. */
const WATCHED = Symbol.for('poolscope.watched')

type Watched = { [WATCHED]?: { stop(): void } }

/**
 * Measures a `pg` pool from now on and reports it to the agent once a second. To be called before its first use: a
 * wait that already goes on is not seen. A second call for the same pool changes nothing.
 * @returns the same pool. It is left alone when it is not a `pg` pool, or is frozen, or measuring is switched off.
 *   Never throws.
 * @example const pool = watch(new Pool({ max: 20 }), { name: 'orders' })
 */
export function watch<P extends object>(pool: P, options: WatchOptions = {}): P {
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
    ;(pool as Watched)[WATCHED]?.stop()
  } catch {
    // As in watch.
  }
}

function start(pool: object, options: WatchOptions): void {
  if (!isPgPool(pool) || (pool as Watched)[WATCHED] !== undefined) return
  const destination = destinationOf(options, process.env)
  if (destination === null) return
  const reporter = reporterFor(destination)
  const target = targetOf(pool.options, process.env)
  let measurement: Measurement | null = null
  const end = () => {
    if (measurement !== null) reporter.end(measurement.meter)
  }
  const stop = () => {
    end()
    measurement?.undo()
    delete (pool as Watched)[WATCHED]
  }
  measurement = measure(pool, {
    name: poolName(options, target.database),
    stackEvery: stackEvery(options),
    proveLeaks: options.proveLeaks === true,
    target,
    onEnd: () => {
      measurement?.meter.closedAll()
      end()
    },
    onFault: stop,
  })
  Object.defineProperty(pool, WATCHED, { value: { stop }, configurable: true })
  reporter.add(measurement.meter)
}
