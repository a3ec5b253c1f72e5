import { checkNumber } from './check-number.ts'

/** What Little's law relates: how often something comes and how long it stays. */
export type LittlesLawInput = {
  /** Arrivals a second, 0 to 1 000 000. */
  arrivalsPerSec: number
  /** Mean time that each stays, ms, 0 to one day: the hold for busy connections, wait and hold for callers. */
  staysMs: number
}

/**
 * How many are there on average: L = λ W. With the hold it answers how many connections are busy,
 * which is the smallest size that can keep up at all; with wait and hold, how many callers are inside.
 *
 * Valid for every arrival pattern, every hold and every order of service, as long as the window is long
 * against one stay and the queue does not grow over it. It is a mean: it says nothing of bursts.
 * @throws TypeError, RangeError when an argument is out of its range
 * @example littlesLaw({ arrivalsPerSec: 250, staysMs: 20 }) // 5
 * @see J. D. C. Little, "A Proof for the Queuing Formula: L = λW", Operations Research 9 (3), 1961
 */
export function littlesLaw({ arrivalsPerSec, staysMs }: LittlesLawInput): number {
  checkNumber('arrivalsPerSec', arrivalsPerSec, { min: 0, max: 1_000_000, unit: 'per second' })
  checkNumber('staysMs', staysMs, { min: 0, max: 86_400_000, unit: 'ms' })
  return (arrivalsPerSec * staysMs) / 1000
}
