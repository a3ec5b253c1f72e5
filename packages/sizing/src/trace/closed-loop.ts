import type { ClosedLoop } from './flows.ts'
import { orderOf } from './order.ts'
import type { Trace } from './trace.ts'

/** The rate must fall by this share of its mean over one standard deviation of the number inside. */
const LEAST_FALL = 0.05
/** And by this many of its own standard errors. */
const LEAST_Z = 4
/** Numbers inside that saw fewer arrivals than this say nothing. */
const LEAST_ARRIVALS = 20

/**
 * Whether callers ask only when answered, seen without their ids: then the more are inside, the fewer are left to
 * ask. Fits λ(n) = (N - n) / Z to the arrivals at each number inside by the time spent there.
 * `null` where the rate does not clearly fall. It does not see chains within a request, and bursts hide a loop.
 */
export function detectClosedLoop(trace: Trace): ClosedLoop | null {
  const points = ratesByNumberInside(trace).filter((point) => point.arrivals >= LEAST_ARRIVALS)
  if (points.length < 3) return null
  const timeMs = sum(points, (point) => point.timeMs)
  const meanN = sum(points, (point) => point.n * point.timeMs) / timeMs
  const meanRate = sum(points, (point) => point.arrivals) / timeMs
  const spread = sum(points, (point) => point.timeMs * (point.n - meanN) ** 2)
  const slope =
    sum(points, (point) => point.timeMs * (point.n - meanN) * (point.arrivals / point.timeMs)) / spread
  // Arrivals at random at the mean rate would make this standard error.
  const standardError = Math.sqrt(meanRate / spread)
  const fall = (-slope * Math.sqrt(spread / timeMs)) / meanRate
  if (!(fall >= LEAST_FALL && -slope / standardError >= LEAST_Z)) return null
  const thinkMs = -1 / slope
  return { callers: Math.max(1, Math.round(meanN + meanRate * thinkMs)), thinkMs }
}

type Point = { n: number; arrivals: number; timeMs: number }

function ratesByNumberInside(trace: Trace): Point[] {
  const { arrivalMs, waitMs, holdMs, windowMs } = trace
  const ends = new Float64Array(arrivalMs.length)
  for (let i = 0; i < ends.length; i++) {
    const hold = holdMs[i] as number
    ends[i] = (arrivalMs[i] as number) + (waitMs[i] as number) + (Number.isNaN(hold) ? 0 : hold)
  }
  for (const place of trace.inFlight) ends[place] = Number.POSITIVE_INFINITY
  const byEnd = orderOf(ends)
  const points: Point[] = []
  let n = 0
  let end = 0
  let lastMs = 0
  const at = (k: number): Point => {
    while (points.length <= k) points.push({ n: points.length, arrivals: 0, timeMs: 0 })
    return points[k] as Point
  }
  const passTo = (ms: number) => {
    at(n).timeMs += ms - lastMs
    lastMs = ms
  }
  for (const arrival of arrivalMs) {
    while (n > 0 && (ends[byEnd[end] as number] as number) <= arrival) {
      passTo(ends[byEnd[end++] as number] as number)
      n--
    }
    passTo(arrival)
    at(n).arrivals++
    n++
  }
  if (windowMs > lastMs) passTo(windowMs)
  return points
}

function sum(points: readonly Point[], of: (point: Point) => number): number {
  return points.reduce((total, point) => total + of(point), 0)
}
