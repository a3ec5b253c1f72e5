import type { Stalls } from '../trace/stalls.ts'
import type { Contention } from './contention.ts'
import type { Percentiles } from './histogram.ts'
import type { SizePrediction } from './predict.ts'

/** One reason, or one reservation, in numbers; whoever shows it makes the sentence. */
export type Reason =
  /** At this size callers wait so long. */
  | { code: 'waits'; size: number; waitP95Ms: number; totalP95Ms: number; timeoutRatio: number }
  /** The next smaller size replayed: what would be lost. */
  | { code: 'smaller-is-worse'; size: number; totalP95Ms: number | null; timeoutRatio: number }
  /** The best of the bigger sizes: what would be gained. */
  | { code: 'bigger-gains-little'; size: number; totalP95Ms: number }
  /** A bigger pool makes wait and hold together longer. */
  | { code: 'bigger-is-slower'; size: number; totalP95Ms: number }
  /** No size replayed ends the time-outs. */
  | { code: 'no-size-is-enough'; size: number; timeoutRatio: number }
  /** Waits that no size ends, because connections are opened anew. */
  | { code: 'opening-waits'; opened: number; connectMs: number }
  /** The traffic does not come by itself: callers ask again when answered. */
  | { code: 'closed-loop'; callers: number; thinkMs: number }
  | { code: 'contention'; z: number; peak: number }
  | { code: 'contention-not-identifiable'; why: 'saturated' | 'few' | 'many' }
  /** More than the trace can tell of: go there in steps, this one first, of at most half as many again as at present. */
  | { code: 'grow-in-steps'; size: number }
  /** The replay of the present size does not give the waits that were measured: do not rely on it. */
  | { code: 'model-is-off'; measured: Percentiles; replayed: Percentiles }
  /** Now and then everything stood still, which no size helps. Where too many met it, no size is advised. */
  | ({ code: 'stalls' } & Stalls)
  | { code: 'short-trace'; checkouts: number; windowMs: number }

/** What to set and why. */
export type ReplayRecommendation = {
  /** `null` where nothing could be replayed, or the reasons say that the replay does not hold. */
  size: number | null
  /** Where the curve of the wait bends: from here on each connection brings little. `null` without one. */
  kneeSize: number | null
  reasons: Reason[]
}

/** What the recommendation rests on. */
export type Evidence = {
  presentSize: number
  connectMs: number
  checkouts: number
  windowMs: number
  contention: Contention
  stalls: Stalls | null
  loop: { callers: number; thinkMs: number } | null
  /** Waits measured at the present size, and its replay; `null` when that size was not replayed. */
  check: { measured: Percentiles; replayed: Percentiles } | null
}

/** A total within this of the best counts as the best. */
const NEAR_BEST_RATIO = 1.05
const NEAR_BEST_MS = 1
const NEAR_BEST_TIMEOUTS = 0.001
/** Below these a trace says little of rare bursts. */
const LEAST_CHECKOUTS = 2000
const LEAST_WINDOW_MS = 60_000
const STEP = 1.5
/** With more callers in stalls and the queues they left, the p95 is theirs, and a size that is chosen by it too. */
const MOST_STALLED = 0.05

/**
 * The smallest size whose p95 of wait and hold together is within 5 % and 1 ms of the best of all sizes, and whose
 * time-outs are within 0.1 % of the fewest. Wait alone would always ask for more; together with the hold, a
 * pool that slows its own database down loses. None where the replay does not give the waits that were measured, or where the
 * slowest twentieth of the callers met stalls.
 */
export function recommend(sizes: readonly SizePrediction[], evidence: Evidence): ReplayRecommendation {
  const answered = sizes.filter((size) => size.totalMs !== null && size.waitMs !== null)
  const chosen = nearBest(answered)
  if (chosen === undefined) return { size: null, kneeSize: null, reasons: [] }
  const reserves = reservations(chosen, evidence)
  return {
    size: reserves.some(refuses) ? null : chosen.size,
    kneeSize: kneeOf(answered),
    reasons: [...reasonsOf(chosen, answered, evidence), ...reserves],
  }
}

/** Whether a reason makes an advice worthless. */
export function refuses(reason: Reason): boolean {
  return reason.code === 'model-is-off' || (reason.code === 'stalls' && reason.askedRatio > MOST_STALLED)
}

/** The smallest of the sizes that is as good as the best. */
export function nearBest<S extends Pick<SizePrediction, 'totalMs' | 'timeoutRatio'>>(
  sizes: readonly S[],
): S | undefined {
  const fewest = Math.min(...sizes.map((size) => size.timeoutRatio))
  const kept = sizes.filter(
    (size) => size.totalMs !== null && size.timeoutRatio <= fewest + NEAR_BEST_TIMEOUTS,
  )
  const total = (size: S) => size.totalMs?.p95 ?? Number.POSITIVE_INFINITY
  const best = Math.min(...kept.map(total))
  return kept.find((size) => total(size) <= best * NEAR_BEST_RATIO + NEAR_BEST_MS)
}

function reasonsOf(chosen: SizePrediction, all: readonly SizePrediction[], evidence: Evidence): Reason[] {
  const reasons: Reason[] = []
  const totalP95Ms = chosen.totalMs?.p95
  const waitP95Ms = chosen.waitMs?.p95
  if (totalP95Ms === undefined || waitP95Ms === undefined) return reasons
  const { size, timeoutRatio } = chosen
  reasons.push({ code: 'waits', size, waitP95Ms, totalP95Ms, timeoutRatio })
  const smaller = all.filter((other) => other.size < size).at(-1)
  if (smaller !== undefined) {
    reasons.push({
      code: 'smaller-is-worse',
      size: smaller.size,
      totalP95Ms: smaller.totalMs?.p95 ?? null,
      timeoutRatio: smaller.timeoutRatio,
    })
  }
  const bigger = all
    .filter((other) => other.size > size)
    .flatMap((other) => (other.totalMs === null ? [] : [{ size: other.size, p95: other.totalMs.p95 }]))
  const best = bigger.reduce((a, b) => (b.p95 < a.p95 ? b : a), { size, p95: totalP95Ms })
  if (best.size !== size) {
    reasons.push({ code: 'bigger-gains-little', size: best.size, totalP95Ms: best.p95 })
  }
  const last = bigger.at(-1)
  if (last !== undefined && last.p95 > totalP95Ms * NEAR_BEST_RATIO + NEAR_BEST_MS) {
    reasons.push({ code: 'bigger-is-slower', size: last.size, totalP95Ms: last.p95 })
  }
  if (timeoutRatio > NEAR_BEST_TIMEOUTS) reasons.push({ code: 'no-size-is-enough', size, timeoutRatio })
  const biggest = all.at(-1)
  if (biggest !== undefined && biggest.opened > 0 && (biggest.waitMs?.p99 ?? 0) > 0) {
    reasons.push({ code: 'opening-waits', opened: biggest.opened, connectMs: evidence.connectMs })
  }
  return reasons
}

function reservations(chosen: SizePrediction, evidence: Evidence): Reason[] {
  const { contention, stalls, loop, check, presentSize, checkouts, windowMs } = evidence
  const reasons: Reason[] = []
  if (loop !== null) reasons.push({ code: 'closed-loop', ...loop })
  if (contention.verdict === 'found') {
    reasons.push({ code: 'contention', z: contention.z, peak: contention.peak })
  } else if (contention.verdict === 'not identifiable') {
    reasons.push({ code: 'contention-not-identifiable', why: contention.reason })
  }
  const step = Math.ceil(presentSize * STEP)
  const far = contention.verdict !== 'none' && chosen.size > step
  if (far || !chosen.identifiable) {
    reasons.push({ code: 'grow-in-steps', size: Math.min(step, chosen.size) })
  }
  if (check !== null && isOff(check.measured.p95, check.replayed.p95, chosen.totalMs?.p95 ?? 0)) {
    reasons.push({ code: 'model-is-off', ...check })
  }
  if (stalls !== null) reasons.push({ code: 'stalls', ...stalls })
  if (checkouts < LEAST_CHECKOUTS || windowMs < LEAST_WINDOW_MS) {
    reasons.push({ code: 'short-trace', checkouts, windowMs })
  }
  return reasons
}

/** Off by more than a quarter, by more than what a stall of the machine makes, and by what callers would notice beside their holds. */
function isOff(measuredMs: number, replayedMs: number, totalMs: number): boolean {
  const apart = Math.abs(measuredMs - replayedMs)
  return apart > Math.max(5, 0.1 * totalMs) && apart > 0.25 * Math.max(measuredMs, replayedMs)
}

/**
 * The size whose wait lies furthest below the straight line from the smallest size to the first without a wait.
 * @see V. Satopää et al., "Finding a 'Kneedle' in a Haystack", ICDCS workshops, 2011
 */
function kneeOf(sizes: readonly SizePrediction[]): number | null {
  const waits = sizes.flatMap((size) =>
    size.waitMs === null ? [] : [{ size: size.size, ms: size.waitMs.p95 }],
  )
  const first = waits[0]
  const calm = waits.find((point) => point.ms <= NEAR_BEST_MS) ?? waits.at(-1)
  if (first === undefined || calm === undefined || first.ms <= calm.ms) return null
  let knee: number | null = null
  let deepest = 0
  for (const { size, ms } of waits) {
    if (size > calm.size) break
    const along = (size - first.size) / (calm.size - first.size)
    const depth = 1 - along - (ms - calm.ms) / (first.ms - calm.ms)
    if (depth > deepest) {
      deepest = depth
      knee = size
    }
  }
  return knee ?? calm.size
}
