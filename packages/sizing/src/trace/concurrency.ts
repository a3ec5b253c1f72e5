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
  /** The moments from which the effect of concurrency on the hold is fitted: they take a while. */
  moments: () => Moments
}

/** How long checkouts spent at each number held. */
export type Moments = {
  /** `within[b * (peak + 1) + n]`: time that checkouts started as the b-th spent while n were held, ms. */
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
  const held = heldOf(trace)
  const { places, startMs, endMs, byEnd } = held
  const heldAtStart = new Int32Array(places.length)
  const timeAt = new Float64Array(MOST_HELD + 1)
  let peak = 0
  let spanMs = 0
  let n = 0
  let e = 0
  let lastMs = startMs[0] ?? 0
  for (let i = 0; i <= places.length; i++) {
    const startsMs = i < places.length ? (startMs[i] as number) : Number.POSITIVE_INFINITY
    while (e < i && (endMs[byEnd[e] as number] as number) <= startsMs) {
      const ms = endMs[byEnd[e++] as number] as number
      if (n <= MOST_HELD) timeAt[n] = (timeAt[n] as number) + ms - lastMs
      spanMs += n <= MOST_HELD ? ms - lastMs : 0
      lastMs = ms
      n--
    }
    if (i === places.length) break
    if (n <= MOST_HELD) timeAt[n] = (timeAt[n] as number) + startsMs - lastMs
    spanMs += n <= MOST_HELD ? startsMs - lastMs : 0
    lastMs = startsMs
    heldAtStart[i] = ++n
    if (n > peak) peak = n
  }
  return {
    places,
    heldAtStart,
    peak,
    timeRatio: timeAt.subarray(0, Math.min(peak, MOST_HELD) + 1).map((ms) => (spanMs > 0 ? ms / spanMs : 0)),
    moments: () => momentsOf(held, heldAtStart, peak),
  }
}

function momentsOf({ places, startMs, endMs, byEnd, open }: Held, heldAtStart: Int32Array, peak: number) {
  const width = Math.min(peak, MOST_HELD) + 1
  const timeAt = new Float64Array(width)
  const within = new Float64Array(width * width)
  const started = new Float64Array(width)
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
    then.set(timeAt, row * width)
  }
  while (e < byEnd.length) end()
  return { within, started }
}

type Held = ReturnType<typeof heldOf>

/** The latest checkouts that got a connection, in order of start: when each started and ended, and which still hold. */
function heldOf({ arrivalMs, waitMs, holdMs, windowMs, inFlight }: Trace) {
  const first = Math.max(0, arrivalMs.length - MOST)
  const got = new Int32Array(arrivalMs.length - first)
  const starts = new Float64Array(got.length)
  let length = 0
  for (let i = first; i < arrivalMs.length; i++) {
    if (Number.isNaN(holdMs[i] as number)) continue
    got[length] = i
    starts[length++] = (arrivalMs[i] as number) + (waitMs[i] as number)
  }
  const inHand = new Set(inFlight)
  const order = orderOf(starts.subarray(0, length))
  const places = new Int32Array(length)
  const startMs = new Float64Array(length)
  const endMs = new Float64Array(length)
  const open = new Uint8Array(length)
  for (let i = 0; i < length; i++) {
    const at = order[i] as number
    const place = got[at] as number
    places[i] = place
    startMs[i] = starts[at] as number
    open[i] = inHand.size > 0 && inHand.has(place) ? 1 : 0
    endMs[i] = open[i] === 1 ? windowMs : (starts[at] as number) + (holdMs[place] as number)
  }
  return { places, startMs, endMs, open, byEnd: orderOf(endMs) }
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
