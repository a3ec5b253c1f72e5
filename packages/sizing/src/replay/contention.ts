import { type Concurrency, concurrencyOf, MOST_HELD, type Moments, spearman } from '../trace/concurrency.ts'
import type { Trace } from '../trace/trace.ts'
import type { Speed } from './event-loop.ts'

/** What the trace says of holds that grow with the number held at once. */
export type Contention =
  | {
      /** `none`: no sign of it. `found`: holds grow, and how is fitted. */
      verdict: 'none' | 'found'
      /** Evidence: Spearman's correlation of hold and number held at the start, in standard deviations. */
      z: number
      peak: number
    }
  | {
      /**
       * The trace cannot tell. `saturated`: the pool was full for most of it. `few`: too few checkouts or levels.
       * `many`: more than 128 held at once.
       */
      verdict: 'not identifiable'
      reason: 'saturated' | 'few' | 'many'
      z: number | null
      peak: number
    }

/** Speeds by number held, for a point estimate and for the far end of the band. */
export type Speeds = {
  /** Total speed goes on to grow as a logarithm beyond what was seen. */
  likely: Speed
  /** Total speed grows no more beyond what was seen. */
  flat: Speed
}

/** Evidence below this is chance, or the coalescing of timers. One-sided: holds that shrink are no contention. */
const LEAST_Z = 4
/** Evidence is taken from so many checkouts at most: in more, the least dependence of no weight is evident too. */
const MOST_PAIRS = 10_000
const LEAST_PAIRS = 200
/** With the pool full for more than this share of the time, the number held does not vary enough to tell. */
const SATURATED = 0.5

/** Looks for contention in a trace from a pool of a size. */
export function contentionOf(trace: Trace, size: number): { contention: Contention; speeds: Speeds | null } {
  const concurrency = concurrencyOf(trace)
  const { peak, places, heldAtStart, timeRatio } = concurrency
  if (peak > MOST_HELD) {
    return { contention: { verdict: 'not identifiable', reason: 'many', z: null, peak }, speeds: null }
  }
  const pairs = completedPairs(trace, concurrency)
  const levels = new Set(pairs.held)
  if (pairs.hold.length < LEAST_PAIRS || levels.size < 3) {
    const full = (timeRatio[size] ?? 0) > SATURATED
    return {
      contention: { verdict: 'not identifiable', reason: full ? 'saturated' : 'few', z: null, peak },
      speeds: null,
    }
  }
  const z = spearman(pairs.hold, pairs.held) * Math.sqrt(pairs.hold.length - 1)
  if (z > LEAST_Z) {
    return { contention: { verdict: 'found', z, peak }, speeds: fitSpeeds(peak, concurrency.moments()) }
  }
  const saturated =
    (timeRatio[size] ?? 0) > SATURATED || fullAtStart(heldAtStart, places.length, size) > SATURATED
  return {
    contention: saturated
      ? { verdict: 'not identifiable', reason: 'saturated', z, peak }
      : { verdict: 'none', z, peak },
    speeds: null,
  }
}

function fullAtStart(heldAtStart: Int32Array, n: number, size: number): number {
  return n === 0 ? 0 : heldAtStart.reduce((full, held) => full + (held >= size ? 1 : 0), 0) / n
}

function completedPairs(
  trace: Trace,
  { places, heldAtStart }: Concurrency,
): { hold: number[]; held: number[] } {
  const open = new Set(trace.inFlight)
  const step = Math.max(1, Math.floor(places.length / MOST_PAIRS))
  const hold: number[] = []
  const held: number[] = []
  for (let i = 0; i < places.length; i += step) {
    const place = places[i] as number
    if (open.has(place)) continue
    hold.push(trace.holdMs[place] as number)
    held.push(heldAtStart[i] as number)
  }
  return { hold, held }
}

/**
 * Fits X(n) = n × speed(n), the total speed of n held at once, as a concave, never falling function: a sum of
 * c_m min(n, m) with c_m >= 0. Whatever number were held when they started, checkouts should bring the same mean work:
 * Σ_n within(b, n) X(n) / n = started(b) for every b, solved by least squares with c_m >= 0, coordinate by coordinate.
 */
function fitSpeeds(peak: number, { within, started }: Moments): Speeds | null {
  const width = peak + 1
  const rows: { a: Float64Array; weight: number }[] = []
  for (let b = 1; b < width; b++) {
    const count = started[b] as number
    if (count < 5) continue
    const a = new Float64Array(width)
    for (let m = 1; m < width; m++) {
      for (let n = 1; n < width; n++) {
        a[m] = (a[m] as number) + ((within[b * width + n] as number) * Math.min(n, m)) / (n * count)
      }
    }
    rows.push({ a, weight: count })
  }
  const c = leastSquaresFromZero(rows, width)
  const total = new Float64Array(width)
  for (let n = 1; n < width; n++) {
    for (let m = 1; m < width; m++) total[n] = (total[n] as number) + (c[m] as number) * Math.min(n, m)
  }
  const alone = total[1] as number
  if (!(alone > 0)) return null
  const speedUpTo = (n: number) => (total[Math.min(n, peak)] as number) / alone
  const from = Math.max(1, Math.floor(peak * 0.7))
  const slope = peak > from ? Math.max(0, (speedUpTo(peak) - speedUpTo(from)) / (peak - from)) : 0
  const beyond = (n: number) => speedUpTo(peak) + slope * peak * Math.log(n / peak)
  return {
    likely: (n) => Math.min(1, (n > peak ? beyond(n) : speedUpTo(n)) / n),
    flat: (n) => Math.min(1, speedUpTo(n) / n),
  }
}

/** Non-negative c with Σ_m a_m c_m as near as can be to 1 in every row. */
function leastSquaresFromZero(
  rows: readonly { a: Float64Array; weight: number }[],
  width: number,
): Float64Array {
  const c = new Float64Array(width)
  const gap = rows.map(() => 1)
  for (let round = 0; round < 2000; round++) {
    let moved = 0
    for (let m = 1; m < width; m++) {
      let up = 0
      let down = 0
      rows.forEach(({ a, weight }, i) => {
        const x = a[m] as number
        up += weight * x * (gap[i] as number)
        down += weight * x * x
      })
      if (down === 0) continue
      const now = c[m] as number
      const next = Math.max(0, now + up / down)
      if (next === now) continue
      c[m] = next
      moved = Math.max(moved, Math.abs(next - now) / (now + next))
      rows.forEach(({ a }, i) => {
        gap[i] = (gap[i] as number) - (a[m] as number) * (next - now)
      })
    }
    if (moved < 1e-4) break
  }
  return c
}

/** The work that each checkout got done in its hold, ms at full speed: the integral of the speed over it. */
export function workOf(trace: Trace, holdMs: Float64Array, speed: Speed): Float64Array {
  const { arrivalMs, waitMs } = trace
  const starts = arrivalMs.map((arrival, i) =>
    Number.isNaN(trace.holdMs[i] as number) ? Number.POSITIVE_INFINITY : arrival + (waitMs[i] as number),
  )
  const ends = starts.map((start, i) => start + (holdMs[i] as number))
  const moments = [...starts.keys()].filter((i) => starts[i] !== Number.POSITIVE_INFINITY)
  const byStart = Int32Array.from(moments).sort((a, b) => (starts[a] as number) - (starts[b] as number))
  const byEnd = Int32Array.from(moments).sort((a, b) => (ends[a] as number) - (ends[b] as number))
  const done = new Float64Array(holdMs.length)
  let held = 0
  let clock = 0
  let lastMs = 0
  let e = 0
  const pass = (ms: number) => {
    if (held > 0) clock += speed(held) * (ms - lastMs)
    lastMs = ms
  }
  const end = () => {
    const place = byEnd[e++] as number
    pass(ends[place] as number)
    done[place] = Math.max(0, clock - (done[place] as number))
    held--
  }
  byStart.forEach((place, i) => {
    while (e < i && (ends[byEnd[e] as number] as number) <= (starts[place] as number)) end()
    pass(starts[place] as number)
    held++
    done[place] = clock
  })
  while (e < byEnd.length) end()
  const meanSpeed = ratioOf(done, holdMs, trace)
  return done.map((work, i) =>
    Number.isNaN(trace.holdMs[i] as number) ? (holdMs[i] as number) * meanSpeed : work,
  )
}

/** Work per held time over all who held: what stands for those who gave up. */
function ratioOf(done: Float64Array, holdMs: Float64Array, trace: Trace): number {
  let work = 0
  let held = 0
  for (let i = 0; i < done.length; i++) {
    if (Number.isNaN(trace.holdMs[i] as number)) continue
    work += done[i] as number
    held += holdMs[i] as number
  }
  return held > 0 ? work / held : 1
}
