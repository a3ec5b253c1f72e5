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
  const { arrivalMs, waitMs, holdMs, windowMs } = trace
  const open = new Set(trace.inFlight)
  const all = indices(Math.max(0, arrivalMs.length - MOST), arrivalMs.length).filter(
    (i) => !Number.isNaN(holdMs[i] as number),
  )
  const startOf = (i: number) => (arrivalMs[i] as number) + (waitMs[i] as number)
  const endOf = (i: number) => (open.has(i) ? windowMs : startOf(i) + (holdMs[i] as number))
  const byStart = all.slice().sort((a, b) => startOf(a) - startOf(b))
  const byEnd = all.slice().sort((a, b) => endOf(a) - endOf(b))
  const peak = peakOf(byStart, byEnd, startOf, endOf)
  const width = Math.min(peak, MOST_HELD) + 1
  const timeAt = new Float64Array(width)
  const atStart = new Map<number, Float64Array>()
  const within = new Float64Array(width * width)
  const started = new Float64Array(width)
  const heldAtStart = new Int32Array(byStart.length)
  let n = 0
  let lastMs = byStart.length === 0 ? 0 : startOf(byStart[0] as number)
  let e = 0
  const end = () => {
    const place = byEnd[e++] as number
    pass(endOf(place))
    const then = atStart.get(place)
    atStart.delete(place)
    n--
    if (then === undefined || open.has(place)) return
    const b = then[width] as number
    if (b >= width) return
    started[b] = (started[b] as number) + 1
    for (let k = 1; k < width; k++) {
      within[b * width + k] = (within[b * width + k] as number) + (timeAt[k] as number) - (then[k] as number)
    }
  }
  const pass = (ms: number) => {
    if (n < width) timeAt[n] = (timeAt[n] as number) + ms - lastMs
    lastMs = ms
  }
  byStart.forEach((place, i) => {
    const ms = startOf(place)
    while (e < i && endOf(byEnd[e] as number) <= ms) end()
    pass(ms)
    n++
    heldAtStart[i] = n
    const then = new Float64Array(width + 1)
    then.set(timeAt)
    then[width] = n
    atStart.set(place, then)
  })
  while (e < byEnd.length) end()
  const spanMs = timeAt.reduce((sum, ms) => sum + ms, 0)
  return {
    places: Int32Array.from(byStart),
    heldAtStart,
    peak,
    timeRatio: timeAt.map((ms) => (spanMs > 0 ? ms / spanMs : 0)),
    within,
    started,
  }
}

function indices(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}

function peakOf(
  byStart: readonly number[],
  byEnd: readonly number[],
  startOf: (i: number) => number,
  endOf: (i: number) => number,
): number {
  let peak = 0
  let e = 0
  byStart.forEach((place, i) => {
    while (e < i && endOf(byEnd[e] as number) <= startOf(place)) e++
    peak = Math.max(peak, i + 1 - e)
  })
  return peak
}

/**
 * Spearman's rank correlation, ties at their mean rank; 0 when one side does not vary.
 * @see C. Spearman, "The Proof and Measurement of Association between Two Things", 1904
 */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const rx = ranks(x)
  const ry = ranks(y)
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

function ranks(values: ArrayLike<number>): Float64Array {
  const order = indices(0, values.length).sort((a, b) => (values[a] as number) - (values[b] as number))
  const ranked = new Float64Array(values.length)
  for (let i = 0; i < order.length; ) {
    let j = i
    while (j < order.length && values[order[j] as number] === values[order[i] as number]) j++
    for (let k = i; k < j; k++) ranked[order[k] as number] = (i + 1 + j) / 2
    i = j
  }
  return ranked
}
