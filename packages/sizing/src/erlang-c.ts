import { checkNumber } from './check-number.ts'
import { littlesLaw } from './littles-law.ts'

/** A pool as the queueing formulas see it. */
export type QueueInput = {
  /** Checkouts asked for a second, 0 to 1 000 000. */
  arrivalsPerSec: number
  /** Mean hold, ms, 0.001 to one day. */
  holdMs: number
  /** Connections, whole, 1 to 100 000. */
  size: number
}

/** What a queueing formula says of one size. Waits are `null` where the queue grows without end. */
export type QueueAnswer = {
  /** Busy connections that the traffic asks for, λ × hold. */
  offeredLoad: number
  /** Offered load / size. At 1 or more the pool cannot keep up. */
  utilizationRatio: number
  /** Share of checkouts that find no free connection; 1 where the pool cannot keep up. */
  waitRatio: number
  meanWaitMs: number | null
  waitMs: { p50: number; p95: number; p99: number } | null
}

/**
 * Wait in a pool by Erlang's delay formula (M/M/c): arrivals at random, exponential holds, callers that
 * wait in order and for ever. Percentiles come from P(wait > t) = C exp(-(c - a) t / hold).
 *
 * Where it stops holding: bursts, holds that grow with concurrency, callers that ask again only when
 * answered, acquire time-outs, and load that changes over the window. Under bursts its p95 is often 100 % off.
 * The loss formula's recursion is used, which neither over- nor underflows for large sizes.
 * @throws TypeError, RangeError when an argument is out of its range
 * @example erlangC({ arrivalsPerSec: 100, holdMs: 10, size: 2 }).waitRatio // 0.3333
 * @see A. K. Erlang, "Solution of some Problems in the Theory of Probabilities of Significance in Automatic
 *   Telephone Exchanges", 1917
 */
export function erlangC({ arrivalsPerSec, holdMs, size }: QueueInput): QueueAnswer {
  checkNumber('holdMs', holdMs, { min: 0.001, max: 86_400_000, unit: 'ms' })
  checkNumber('size', size, { min: 1, max: 100_000, unit: 'connections', whole: true })
  const offeredLoad = littlesLaw({ arrivalsPerSec, staysMs: holdMs })
  const utilizationRatio = offeredLoad / size
  if (utilizationRatio >= 1) {
    return { offeredLoad, utilizationRatio, waitRatio: 1, meanWaitMs: null, waitMs: null }
  }
  const blocked = erlangB(offeredLoad, size)
  const waitRatio = blocked / (1 - utilizationRatio * (1 - blocked))
  const meanOfWaitersMs = holdMs / (size - offeredLoad)
  return {
    offeredLoad,
    utilizationRatio,
    waitRatio,
    meanWaitMs: waitRatio * meanOfWaitersMs,
    waitMs: waitPercentiles(waitRatio, meanOfWaitersMs),
  }
}

/** Percentiles of a wait that is 0 for most and exponential for the share that waits. */
export function waitPercentiles(
  waitRatio: number,
  meanOfWaitersMs: number,
): { p50: number; p95: number; p99: number } {
  const at = (tail: number) => (waitRatio <= tail ? 0 : meanOfWaitersMs * Math.log(waitRatio / tail))
  return { p50: at(0.5), p95: at(0.05), p99: at(0.01) }
}

/** Share lost when nobody may wait, B(n) = a B(n-1) / (n + a B(n-1)) from B(0) = 1. */
function erlangB(offeredLoad: number, size: number): number {
  let blocked = 1
  for (let n = 1; n <= size && blocked > 0; n++) {
    blocked = (offeredLoad * blocked) / (n + offeredLoad * blocked)
  }
  return blocked
}
