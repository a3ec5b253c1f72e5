import { checkNumber } from './check-number.ts'
import { erlangC, type QueueAnswer, type QueueInput, waitPercentiles } from './erlang-c.ts'

/** A pool whose gaps between arrivals and whose holds are not exponential. */
export type VariableQueueInput = QueueInput & {
  /** Squared coefficient of variation of the gaps between arrivals: 1 at random, 0 like clockwork, more in bursts. */
  arrivalVariation: number
  /** Squared coefficient of variation of the hold: 0 fixed, 1 exponential, more with rare long holds. */
  holdVariation: number
}

/**
 * Mean wait of Erlang C times (ca² + cs²) / 2, for any distribution of gaps and holds (G/G/c).
 * The percentiles take the waiters' wait for exponential with that mean, which is one more approximation.
 *
 * Good within about 10 % near saturation and for variations up to about 2; exact for M/M/c. It knows nothing of
 * correlated arrivals (bursts that last), of time-outs, or of holds that depend on concurrency.
 * @throws TypeError, RangeError when an argument is out of its range
 * @example allenCunneen({ arrivalsPerSec: 100, holdMs: 10, size: 2, arrivalVariation: 1, holdVariation: 0 }).meanWaitMs // 1.667
 * @see A. O. Allen, "Probability, Statistics, and Queueing Theory with Computer Science Applications", 2nd ed., 1990, section 5.3
 */
export function allenCunneen(input: VariableQueueInput): QueueAnswer {
  const { arrivalVariation, holdVariation } = input
  checkNumber('arrivalVariation', arrivalVariation, { min: 0, max: 10_000 })
  checkNumber('holdVariation', holdVariation, { min: 0, max: 10_000 })
  const plain = erlangC(input)
  if (plain.meanWaitMs === null) return plain
  const factor = (arrivalVariation + holdVariation) / 2
  const meanOfWaitersMs = (factor * input.holdMs) / (input.size - plain.offeredLoad)
  return {
    ...plain,
    meanWaitMs: factor * plain.meanWaitMs,
    waitMs: waitPercentiles(plain.waitRatio, meanOfWaitersMs),
  }
}
