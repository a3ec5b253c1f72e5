import { erlangC } from './erlang-c.ts'
import { checkInput } from './input-bounds.ts'

/** What a pool must keep up with, and how long its callers may wait. */
export type WaitTarget = {
  /** Checkouts asked for a second. */
  arrivalsPerSec: number
  /** Mean hold, ms. */
  holdMs: number
  /** Longest wait that 99 of 100 checkouts may have, ms. */
  p99WaitMs: number
}

/** Sizes beyond this are no answer to anything. */
const MOST = 100_000

/**
 * The smallest pool in which 99 of 100 checkouts wait no longer than they may, by Erlang C; it holds where Erlang C does.
 * @returns null when not even 100,000 connections suffice
 * @throws TypeError or RangeError
 * @example sizeForWait({ arrivalsPerSec: 100, holdMs: 10, p99WaitMs: 20 }) // 3
 */
export function sizeForWait({ arrivalsPerSec, holdMs, p99WaitMs }: WaitTarget): number | null {
  checkInput('targetWaitMs', p99WaitMs)
  const suffices = (size: number) => {
    const { waitMs } = erlangC({ arrivalsPerSec, holdMs, size })
    return waitMs !== null && waitMs.p99 <= p99WaitMs
  }
  let enough = 1
  while (!suffices(enough)) {
    if (enough >= MOST) return null
    enough = Math.min(MOST, enough * 2)
  }
  let tooFew = Math.floor(enough / 2)
  while (enough - tooFew > 1) {
    const middle = Math.floor((enough + tooFew) / 2)
    if (suffices(middle)) enough = middle
    else tooFew = middle
  }
  return enough
}

/**
 * The part of checkouts that wait longer than a time-out, by Erlang C: C exp(-(c - a) t / hold). It counts callers as
 * if they went on waiting, so that it is too high where many give up.
 * @returns 1 where the pool cannot keep up
 * @throws TypeError or RangeError
 */
export function timeoutRatio(
  input: { arrivalsPerSec: number; holdMs: number; size: number },
  timeoutMs: number,
): number {
  checkInput('targetWaitMs', timeoutMs)
  const { offeredLoad, waitRatio, waitMs } = erlangC(input)
  if (waitMs === null) return 1
  return waitRatio * Math.exp((-(input.size - offeredLoad) * timeoutMs) / input.holdMs)
}
