import { destinationOf, type WatchOptions } from './identity.ts'
import { quietly } from './replace.ts'
import { type Reporter, reporterFor } from './reporter.ts'

/** Shared by all copies of this package in a process, so that no two of them measure one thing. */
const WATCHED = Symbol.for('poolscope.watched')

type Watched = { [WATCHED]?: { stop(): void } }

/**
 * Begins to measure what may stand for several pools, unless it is measured already or measuring is off. Never throws.
 * @param begin is to begin, and to answer how to stop and leave all as it was; `null` where it is no such thing. It
 *   gets where to report to, and whom to call when measuring fails: then it is stopped.
 */
export function watchOnce(
  thing: object,
  options: WatchOptions,
  begin: (reporter: Reporter, onFault: () => void) => (() => void) | null,
): void {
  quietly(() => {
    if ((thing as Watched)[WATCHED] !== undefined || !Object.isExtensible(thing)) return
    const destination = destinationOf(options, process.env)
    if (destination === null) return
    const undo = begin(reporterFor(destination), () => unwatch(thing))
    if (undo === null) return
    const stop = () => {
      delete (thing as Watched)[WATCHED]
      undo()
    }
    Object.defineProperty(thing, WATCHED, { value: { stop }, configurable: true })
  })
}

/** Measures a thing no more, and leaves it as it was. Never throws. */
export function unwatch(thing: object): void {
  quietly(() => (thing as Watched)[WATCHED]?.stop())
}
