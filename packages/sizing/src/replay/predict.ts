import { littlesLaw } from '../littles-law.ts'
import { detectClosedLoop } from '../trace/closed-loop.ts'
import { type ClosedLoop, type Flows, flowsOfCallers, flowsOfLoop, independent } from '../trace/flows.ts'
import { imputedHolds } from '../trace/impute.ts'
import { type Stalls, stallsIn } from '../trace/stalls.ts'
import { checkTrace, checkTracedPool, lastCheckouts, type Trace, type TracedPool } from '../trace/trace.ts'
import { type Contention, contentionOf, type Speeds, workOf } from './contention.ts'
import { eventLoop, type Speed } from './event-loop.ts'
import { BUCKETS, bucketOf, type Percentiles, percentilesOf, tickFor } from './histogram.ts'
import { MAX_SIZE, openLoop, type PoolRules, type Work } from './open-loop.ts'
import { nearBest, type ReplayRecommendation, recommend } from './recommend.ts'
import type { SizeTally } from './tally.ts'

/** Lowest and highest value that the evidence allows, ms. Not a confidence interval. */
export type Band = { low: number; high: number }

/** What is predicted for one size. */
export type SizePrediction = SizeTally & {
  /**
   * False where holds may grow with the number held, and the trace has not seen as many held at once: then its numbers
   * are an extrapolation, and only the bands are to be shown.
   */
  identifiable: boolean
  /** From the spread over blocks of the window, and where holds may grow from no growth to a total speed that grows no more. */
  waitP95BandMs: Band | null
  totalP95BandMs: Band | null
}

/** What a replay says of a pool under its own traffic. */
export type Prediction = {
  /** Of the part replayed, the latest of the trace. */
  windowMs: number
  checkouts: number
  arrivalsPerSec: number
  meanHoldMs: number | null
  /**
   * How the traffic was taken: `independent` checkouts, `callers` whose next checkout follows the one before (by their
   * ids), or a `closed loop` of callers (seen in the rates).
   */
  callers: 'independent' | 'callers' | 'closed loop'
  loop: ClosedLoop | null
  contention: Contention
  /** When everything stood still; `null`: never. */
  stalls: Stalls | null
  /** Sizes that were replayed, rising. Sizes far below the load are left out, and with events many more. */
  sizes: SizePrediction[]
  /** The present size replayed beside what was measured; `null` when it is above {@link MAX_SIZE}. */
  check: { size: number; measured: Percentiles; replayed: Percentiles } | null
  recommendation: ReplayRecommendation
}

/** From the trace's end: enough to see a loop, and sorted in some ms. */
const LOOP_CHECKOUTS = 50_000
/** Sizes below this share of the load cannot keep up by far: in the end some of them show how the curve goes. */
const NEAR_LOAD = 0.75
/** Where events have to be replayed one by one, these sizes come first, then those around the best of them. */
const SOME_SIZES = [1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64] as const
const ALL_SIZES = Array.from({ length: MAX_SIZE }, (_, index) => index + 1)

/** Up to so many checkouts every size is replayed, by events as well: it takes about a second. */
const FEW = 20_000

/** How the traffic of a trace is put through a size. */
type Model = {
  rules: PoolRules
  presentSize: number
  tickMs: number
  /** `null` where checkouts are independent and holds do not change: all sizes can be replayed at once. */
  events: { flows: Flows; speed: Speed | null } | null
  /** Largest size that the trace can tell of; `null` where there is no end to it. */
  seen: number | null
  /** Other ways that the evidence allows, for the band, and the sizes that they concern. */
  edges: { flows: Flows; speed: Speed | null; above: number }[]
}

/** Which sizes: all, or for a first answer some, those far below the load left out. */
export type Extent = 'some sizes' | 'all sizes'

/** A replay before any size is replayed: sizes of one plan can be shared among several threads that each make it. */
export type ReplayPlan = {
  /** Sizes to replay at first, rising, and which share of all the work they are. */
  first: { sizes: readonly number[]; ratio: number }
  /** Sizes to replay after the first ones were, rising: none where all were among them. */
  next(found: readonly SizePrediction[]): number[]
  /** Replays some sizes piece by piece: yields how far it has come, 0 to 1, and returns what it found. */
  replay(sizes: readonly number[]): Generator<number, SizePrediction[], void>
  /** What all sizes that were replayed say together. */
  conclude(found: readonly SizePrediction[]): Prediction
}

/**
 * Looks into a trace for how it is to be replayed.
 * @param extent `some sizes` is for a first answer, from {@link lastOf} a trace
 * @throws TypeError, RangeError when the trace or the pool cannot be replayed
 */
export function planReplay(trace: Trace, pool: TracedPool, extent: Extent): ReplayPlan {
  checkTrace(trace)
  checkTracedPool(pool)
  const { arrivalMs, windowMs } = trace
  const holdMs = imputedHolds(trace)
  const checkouts = holdMs.length
  const meanHoldMs = checkouts === 0 ? null : sumOf(holdMs) / checkouts
  const arrivalsPerSec = windowMs > 0 ? (checkouts / windowMs) * 1000 : 0
  const tickMs = tickFor(windowMs, meanHoldMs ?? 1)
  const { contention, speeds } = contentionOf(trace, pool.size)
  const stalls = stallsIn(trace)
  const { flows, ...callers } = trafficOf(trace, holdMs)
  const model = modelOf(trace, holdMs, pool, flows, speeds, contention, tickMs)
  const load = littlesLaw({ arrivalsPerSec: Math.min(1e6, arrivalsPerSec), staysMs: meanHoldMs ?? 0 })
  const few = checkouts <= FEW
  const atOnce = few || (model.events === null && model.edges.length === 0)
  const sizes = atOnce
    ? sizesFor(extent, few ? 0 : load, pool.size)
    : sizesFor('some sizes', 0, model.presentSize)
  return {
    first: { sizes: checkouts === 0 ? [] : sizes, ratio: atOnce ? 1 : 0.7 },
    next: (found) => (atOnce ? [] : aroundBest(rising(found))),
    replay: (some) => predictSizes({ arrivalMs, holdMs, windowMs }, model, some),
    conclude(found) {
      const all = rising(found)
      const measured = measuredWaits(trace, tickMs)
      const replayed = all.find((size) => size.size === pool.size)?.waitMs ?? null
      const check = measured === null || replayed === null ? null : { measured, replayed }
      const { size: presentSize, connectMs } = pool
      const { loop } = callers
      const evidence = { presentSize, connectMs, checkouts, windowMs, contention, stalls, loop, check }
      return {
        windowMs,
        checkouts,
        arrivalsPerSec,
        meanHoldMs,
        ...callers,
        contention,
        stalls,
        sizes: all,
        check: check === null ? null : { size: presentSize, ...check },
        recommendation: recommend(all, evidence),
      }
    },
  }
}

function trafficOf(
  trace: Trace,
  holdMs: Float64Array,
): Pick<Prediction, 'callers' | 'loop'> & { flows: Flows | null } {
  const byCaller = flowsOfCallers(trace, holdMs)
  if (byCaller !== null) return { callers: 'callers', loop: null, flows: byCaller }
  const loop = detectClosedLoop(lastCheckouts(trace, LOOP_CHECKOUTS))
  if (loop !== null) return { callers: 'closed loop', loop, flows: flowsOfLoop(trace, holdMs, loop) }
  return { callers: 'independent', loop: null, flows: null }
}

function modelOf(
  trace: Trace,
  holdMs: Float64Array,
  pool: TracedPool,
  flows: Flows | null,
  speeds: Speeds | null,
  contention: Contention,
  tickMs: number,
): Model {
  const rules = {
    acquireTimeoutMs: pool.acquireTimeoutMs ?? Number.POSITIVE_INFINITY,
    idleTimeoutMs: pool.idleTimeoutMs ?? Number.POSITIVE_INFINITY,
    min: pool.min,
    connectMs: pool.connectMs,
  }
  const shared = { rules, tickMs, presentSize: pool.size }
  const events = flows === null ? null : { flows, speed: null }
  const certain = contention.verdict !== 'not identifiable' || contention.reason !== 'saturated'
  if (speeds === null && certain) return { ...shared, seen: null, events, edges: [] }
  const plain = flows ?? independent(trace, holdMs)
  if (speeds !== null) {
    // Holds are kept to 2.2 %, so that more may seem to have been held than the pool has.
    const seen = Math.min(contention.peak, pool.size)
    const workFor = (speed: Speed) => ({ ...plain, workMs: workOf(trace, holdMs, speed) })
    return {
      ...shared,
      seen,
      events: { flows: workFor(speeds.likely), speed: speeds.likely },
      edges: [
        { flows: plain, speed: null, above: 0 },
        { flows: workFor(speeds.flat), speed: speeds.flat, above: seen },
      ],
    }
  }
  // A pool that was full shows its holds at that number only: in the worst case more at once do no more in total.
  const full = pool.size
  const flat: Speed = (n) => Math.min(1, full / n)
  return { ...shared, seen: full, events, edges: [{ flows: plain, speed: flat, above: full }] }
}

function sizesFor(extent: Extent, load: number, present: number): number[] {
  const some = new Set<number>([...SOME_SIZES, present])
  const near = load * NEAR_LOAD
  // A first answer leaves those out that queue all the time: they cost most and nobody would choose them.
  return extent === 'all sizes'
    ? ALL_SIZES.filter((size) => some.has(size) || size >= near)
    : ALL_SIZES.filter((size) => some.has(size) && (size >= near || size === present))
}

function rising(found: readonly SizePrediction[]): SizePrediction[] {
  return [...found].sort((a, b) => a.size - b.size)
}

/** Sizes between the best of those found and its neighbours. */
function aroundBest(found: readonly SizePrediction[]): number[] {
  const best = nearBest(found)?.size
  if (best === undefined) return []
  const below = found.filter(({ size }) => size < best).at(-1)?.size ?? 0
  const above = found.find(({ size }) => size > best)?.size ?? MAX_SIZE + 1
  return ALL_SIZES.filter((size) => size > below && size < above && size !== best)
}

function* predictSizes(
  work: Work,
  model: Model,
  sizes: readonly number[],
): Generator<number, SizePrediction[], void> {
  if (sizes.length === 0) return []
  const { events, edges, rules, tickMs, seen } = model
  const points = events === null ? yield* openLoops(work, model, sizes) : null
  const predictions: SizePrediction[] = []
  for (const [index, size] of sizes.entries()) {
    const from = index / sizes.length
    const runs: SizeTally[] = []
    for (const { flows, speed, above } of events === null ? edges : [{ ...events, above: 0 }, ...edges]) {
      if (size <= above) continue
      const loop = eventLoop(flows, rules, size, tickMs, speed)
      while (!loop.done) {
        loop.advance()
        yield from + loop.progressRatio / sizes.length
      }
      runs.push(loop.result())
    }
    const point = points === null ? runs.shift() : points[index]
    if (point !== undefined)
      predictions.push({ ...withBand(point, runs), identifiable: seen === null || size <= seen })
  }
  return predictions
}

function* openLoops(
  work: Work,
  { rules, tickMs }: Model,
  sizes: readonly number[],
): Generator<number, SizeTally[], void> {
  const loop = openLoop(work, rules, sizes, tickMs)
  while (!loop.done) {
    loop.advance()
    yield loop.progressRatio
  }
  return loop.results()
}

function withBand(point: SizeTally, others: readonly SizeTally[]): Omit<SizePrediction, 'identifiable'> {
  const { low, high } = point.waitP95SpreadMs ?? { low: null, high: null }
  const waits = [point, ...others].map((tally) => tally.waitMs?.p95 ?? null)
  const totals = [point, ...others].map((tally) => tally.totalMs?.p95 ?? null)
  return {
    ...point,
    waitP95BandMs: bandOf([low, high, ...waits]),
    totalP95BandMs: others.length === 0 ? null : bandOf(totals),
  }
}

function bandOf(values: readonly (number | null)[]): Band | null {
  const known = values.filter((value) => value !== null)
  return known.length < 2 ? null : { low: Math.min(...known), high: Math.max(...known) }
}

function measuredWaits(trace: Trace, tickMs: number): Percentiles | null {
  const { waitMs, holdMs } = trace
  const counts = new Float64Array(BUCKETS)
  const perMs = 1 / tickMs
  for (let i = 0; i < waitMs.length; i++) {
    if (Number.isNaN(holdMs[i])) continue
    const bucket = bucketOf(Math.round((waitMs[i] as number) * perMs))
    counts[bucket] = (counts[bucket] as number) + 1
  }
  return percentilesOf(counts, tickMs)
}

function sumOf(values: Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] as number
  return sum
}
