import { callerOfRequest } from './callers.ts'
import { destinationOf, poolName, stackEvery } from './identity.ts'
import { Knob, type TurnableOptions, type Turning } from './knob.ts'
import type { PoolMeter } from './meter.ts'
import { reporterFor } from './reporter.ts'

/** Shared by all copies of this package in a process, so that no two of them measure one pool. */
const WATCHED = Symbol.for('poolscope.watched')

type Watched = { [WATCHED]?: { stop(): void } }

/** A pool under measurement. */
export type Measurement = {
  readonly meter: PoolMeter
  /** How its size is changed; `null`, or without it, it cannot be. */
  readonly turning?: Turning | null
  /** Leaves the pool as it was. */
  undo(): void
}

/** How to measure a pool, and whom to tell. */
export type MeasureOptions = {
  name: string
  stackEvery: number
  /** Stand-ins are wanted; see `Handles`. */
  proveLeaks: boolean
  /** The pool was shut down. */
  onEnd: () => void
  /** Measuring failed, and what it says from now on may be wrong. The pool works on. */
  onFault: () => void
}

/**
 * Measures a pool from now on, unless it is watched already or measuring is switched off.
 * @param database what the pool is called where `options` do not name it
 * @throws what `measure` throws; then nothing is reported
 */
export function startWatching(
  pool: object,
  options: TurnableOptions,
  database: string | null,
  measure: (options: MeasureOptions) => Measurement,
): void {
  if (!Object.isExtensible(pool) || (pool as Watched)[WATCHED] !== undefined) return
  const destination = destinationOf(options, process.env)
  if (destination === null) return
  const reporter = reporterFor(destination)
  let measurement: Measurement | null = null
  const end = () => {
    if (measurement !== null) reporter.end(measurement.meter)
  }
  const stop = () => {
    end()
    measurement?.meter.knob?.undo()
    measurement?.undo()
    delete (pool as Watched)[WATCHED]
  }
  measurement = measure({
    name: poolName(options, database),
    stackEvery: stackEvery(options),
    proveLeaks: options.proveLeaks === true,
    onEnd: () => {
      measurement?.meter.closedAll()
      end()
    },
    onFault: stop,
  })
  measurement.meter.knob = Knob.of(options.turnable, measurement.turning ?? null)
  if (options.callers === true) measurement.meter.callerOf = callerOfRequest()
  Object.defineProperty(pool, WATCHED, { value: { stop }, configurable: true })
  reporter.add(measurement.meter)
}

/** Measures a pool no more, and leaves it as it was. */
export function stopWatching(pool: object): void {
  ;(pool as Watched)[WATCHED]?.stop()
}
