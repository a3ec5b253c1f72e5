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
   * The moments from which the effect of concurrency on the hold is fitted, they take a while: in groups by how many had asked of
   * late, and by how many were held at the start.
   */
  moments: () => Moments[]
}

/** How long checkouts spent at each number held, in groups of about one size. */
export type Moments = {
  /** Numbers held that are told apart: 0 to width - 1. */
  width: number
  /** `within[group * width + n]`: time that the checkouts of a group spent while n were held, ms. */
  within: Float64Array
  /** How many are in a group. */
  started: Float64Array
  /** Variance of their holds over the square of the mean. */
  holdVariation: number
}

/** More held at once than this is not looked into: the moments grow with its square. */
export const MOST_HELD = 128

/** Groups that moments are taken of. */
const GROUPS = 16

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
    moments: () => [recentlyAsked(trace, held), heldAtStart].map((by) => momentsOf(held, inGroups(by), peak)),
  }
}

function momentsOf(held: Held, groupOf: Int32Array, peak: number): Moments {
  const { places, startMs, endMs, byEnd, open } = held
  const width = Math.min(peak, MOST_HELD) + 1
  const timeAt = new Float64Array(width)
  const within = new Float64Array(GROUPS * width)
  const started = new Float64Array(GROUPS)
  let sum = 0
  let squares = 0
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
    if (open[i] === 1) return
    const hold = (endMs[i] as number) - (startMs[i] as number)
    sum += hold
    squares += hold * hold
    const group = groupOf[i] as number
    started[group] = (started[group] as number) + 1
    for (let k = 1; k < width; k++) {
      const spent = (timeAt[k] as number) - (then[row * width + k] as number)
      within[group * width + k] = (within[group * width + k] as number) + spent
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
  const count = started.reduce((all, some) => all + some, 0)
  return { width, within, started, holdVariation: sum > 0 ? (count * squares) / (sum * sum) - 1 : 0 }
}

/** The group of each, from 0 for the least, all of about one size. */
function inGroups(values: ArrayLike<number>): Int32Array {
  const ranks = ranksOf(values)
  return Int32Array.from(ranks, (rank) => Math.floor(((rank - 0.5) / ranks.length) * GROUPS))
}

/** How many had asked when each checkout started, each counting less the longer ago that is. */
function recentlyAsked({ arrivalMs }: Trace, { startMs, endMs }: Held): Float64Array {
  const n = startMs.length
  const recent = new Float64Array(n)
  let heldMs = 0
  for (let i = 0; i < n; i++) heldMs += (endMs[i] as number) - (startMs[i] as number)
  // Who asked a mean hold ago may hold still, and who asked long before does not.
  const fadeMs = Math.max(heldMs / n, Number.MIN_VALUE)
  let asked = 0
  let lastMs = 0
  let a = 0
  for (let i = 0; i < n; i++) {
    const ms = startMs[i] as number
    for (; a < arrivalMs.length && (arrivalMs[a] as number) <= ms; a++) {
      const arrival = arrivalMs[a] as number
      asked = asked * Math.exp((lastMs - arrival) / fadeMs) + 1
      lastMs = arrival
    }
    recent[i] = asked * Math.exp((lastMs - ms) / fadeMs)
  }
  return recent
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
