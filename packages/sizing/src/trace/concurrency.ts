import { orderOf, ranksOf } from './order.ts'
import type { Trace } from './trace.ts'

/** How many connections were held when, in the latest part of a trace. */
export type Concurrency = {
  /** Completed checkouts that are looked at, as places in the trace, in order of start. */
  places: Int32Array
  /** Connections held just after each of them started, itself among them: from 1. */
  heldAtStart: Int32Array
  /** Most held at one moment; what is said by number held goes up to it, or to {@link MOST_HELD}. */
  peak: number
  /** Share of the time that n were held, by n from 0 to the peak. */
  timeRatio: Float64Array
  /**
   * `within[b * (peak + 1) + n]`: time that checkouts started as the b-th spent while n were held, ms.
   * The moments from which the effect of concurrency on the hold is fitted.
   */
  within: Float64Array
  /** How many started as the b-th, by b. */
  started: Float64Array
}

/** More held at once than this is not looked into: the moments grow with its square. */
export const MOST_HELD = 128

/** Most checkouts that are looked at: enough for every moment, and a fraction of a second. */
const MOST = 20_000

/** Reads concurrency off a trace: who held a connection while who else did. */
export function concurrencyOf(trace: Trace): Concurrency {
  const { places, startMs, endMs, open } = held(trace)
  const byEnd = orderOf(endMs)
  const peak = peakOf(startMs, endMs, byEnd)
  const width = Math.min(peak, MOST_HELD) + 1
  const timeAt = new Float64Array(width)
  const within = new Float64Array(width * width)
  const started = new Float64Array(width)
  const heldAtStart = new Int32Array(places.length)
  /** What `timeAt` was when each of those held began, in a row of its own; rows are used again. */
  const then = new Float64Array((peak + 1) * width)
  const free = Int32Array.from({ length: peak + 1 }, (_, row) => row)
  const rowOf = new Int32Array(places.length)
  let n = 0
  let lastMs = startMs[0] ?? 0
  let e = 0
  const pass = (ms: number) => {
    if (n < width) timeAt[n] = (timeAt[n] as number) + ms - lastMs
    lastMs = ms
  }
  const end = () => {
    const i = byEnd[e++] as number
    pass(endMs[i] as number)
    n--
    const row = rowOf[i] as number
    free[n] = row
    const b = heldAtStart[i] as number
    if (open[i] === 1 || b >= width) return
    started[b] = (started[b] as number) + 1
    for (let k = 1; k < width; k++) {
      const spent = (timeAt[k] as number) - (then[row * width + k] as number)
      within[b * width + k] = (within[b * width + k] as number) + spent
    }
  }
  for (let i = 0; i < places.length; i++) {
    const ms = startMs[i] as number
    while (e < i && (endMs[byEnd[e] as number] as number) <= ms) end()
    pass(ms)
    const row = free[n++] as number
    rowOf[i] = row
    heldAtStart[i] = n
    then.set(timeAt, row * width)
  }
  while (e < byEnd.length) end()
  const spanMs = timeAt.reduce((sum, ms) => sum + ms, 0)
  return {
    places,
    heldAtStart,
    peak,
    timeRatio: timeAt.map((ms) => (spanMs > 0 ? ms / spanMs : 0)),
    within,
    started,
  }
}

/** The latest checkouts that got a connection, in order of start: when each started and ended, and which still hold. */
function held({ arrivalMs, waitMs, holdMs, windowMs, inFlight }: Trace) {
  const inHand = new Set(inFlight)
  const first = Math.max(0, arrivalMs.length - MOST)
  const all = new Int32Array(arrivalMs.length - first)
  let n = 0
  for (let i = first; i < arrivalMs.length; i++) if (!Number.isNaN(holdMs[i] as number)) all[n++] = i
  const got = all.subarray(0, n)
  const starts = Float64Array.from(got, (i) => (arrivalMs[i] as number) + (waitMs[i] as number))
  const order = orderOf(starts)
  const places = order.map((at) => got[at] as number)
  const startMs = Float64Array.from(order, (at) => starts[at] as number)
  return {
    places,
    startMs,
    endMs: Float64Array.from(places, (place, i) =>
      inHand.has(place) ? windowMs : (startMs[i] as number) + (holdMs[place] as number),
    ),
    open: Uint8Array.from(places, (place) => (inHand.has(place) ? 1 : 0)),
  }
}

function peakOf(startMs: Float64Array, endMs: Float64Array, byEnd: Int32Array): number {
  let peak = 0
  let e = 0
  startMs.forEach((ms, i) => {
    while (e < i && (endMs[byEnd[e] as number] as number) <= ms) e++
    peak = Math.max(peak, i + 1 - e)
  })
  return peak
}

/**
 * Spearman's rank correlation, ties at their mean rank; 0 when one side does not vary.
 * @see C. Spearman, "The Proof and Measurement of Association between Two Things", 1904
 */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const rx = ranksOf(x)
  const ry = ranksOf(y)
  const mean = (rx.length + 1) / 2
  let xy = 0
  let xx = 0
  let yy = 0
  for (let i = 0; i < rx.length; i++) {
    const dx = (rx[i] as number) - mean
    const dy = (ry[i] as number) - mean
    xy += dx * dy
    xx += dx * dx
    yy += dy * dy
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0
}
