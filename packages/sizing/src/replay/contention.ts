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
  /** Holds go on to grow as they did up to what was seen. */
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

/** Numbers held from which on holds may begin to grow. */
const KNEES = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 96] as const
/** A knee above 1 has to explain so many standard deviations more: with a free one noise would be fitted. */
const LEAST_KNEE_Z = 3
/** Growths that are tried for each knee, in two rounds, the second around the best of the first. */
const GROWTHS = 40

/** How well a slowdown explains the holds; `loss`: the variance between groups of the work, over its mean squared. */
type Slowdown = { knee: number; growth: number; loss: number }

/**
 * Fits how many times as long holds take with n held: 1 up to a knee, and from there on growing by the same for each more,
 * s(n) = 1 + growth × (n - knee), at most so much that all together do not do less than at the knee.
 *
 * Callers that queue for what some of them lock make the first with a knee at 1; a server of c cores makes the second, with a knee at
 * c and a growth of 1 / c. Free shapes fit better and predict worse: they fit the noise of the few holds at each number.
 *
 * In whatever group, checkouts should bring the same mean work, Σ_n within(group, n) / s(n) over those in the group.
 */
function fitSlowdown(peak: number, moments: Moments): Slowdown {
  const count = moments.started.reduce((all, some) => all + some, 0)
  const fits = KNEES.filter((knee) => knee === 1 || knee < peak).map((knee) => fitGrowth(moments, knee))
  const [plain, ...others] = fits as [Slowdown, ...Slowdown[]]
  const best = others.reduce((a, b) => (b.loss < a.loss ? b : a), plain)
  const gain = ((plain.loss - best.loss) * count) / moments.holdVariation
  return gain > LEAST_KNEE_Z ** 2 ? best : plain
}

/**
 * The lesser slowdown of two, since each way to group may take for contention what is none. What is held at the start is much because holds
 * are long, as in slow times of the server. What has asked of late is much when the process stood still, and the server with it.
 */
function fitSpeeds(peak: number, moments: readonly Moments[]): Speeds {
  const speeds = moments.map((some) => {
    const { knee, growth } = fitSlowdown(peak, some)
    return (n: number) => 1 / (1 + growth * Math.max(0, n - knee))
  })
  const speed = speeds.reduce((a, b) => (b(peak) > a(peak) ? b : a))
  return { likely: speed, flat: (n) => (n > peak ? (peak * speed(peak)) / n : speed(n)) }
}

function fitGrowth(moments: Moments, knee: number): Slowdown {
  const most = 1 / knee
  const around = (from: number, to: number) =>
    Array.from({ length: GROWTHS + 1 }, (_, i) => from + ((to - from) * i) / GROWTHS)
      .map((growth) => ({ knee, growth, loss: lossOf(moments, knee, growth) }))
      .reduce((a, b) => (b.loss < a.loss ? b : a))
  const { growth } = around(0, most)
  const step = most / GROWTHS
  return around(Math.max(0, growth - step), Math.min(most, growth + step))
}

function lossOf({ width, within, started }: Moments, knee: number, growth: number): number {
  let count = 0
  let sum = 0
  let squares = 0
  started.forEach((some, group) => {
    if (some === 0) return
    let work = 0
    for (let n = 1; n < width; n++) {
      work += (within[group * width + n] as number) / (1 + growth * Math.max(0, n - knee))
    }
    count += some
    sum += work
    squares += (work * work) / some
  })
  return sum > 0 ? (squares * count) / (sum * sum) - 1 : 0
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
