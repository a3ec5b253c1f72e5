/**
 * Counts of durations in whole ticks: one bucket a tick below 128, then 64 an octave, so that a bucket is at most
 * 1.6 % wide. Whole numbers keep the bucket a matter of shifts.
 */
const SUB_BITS = 6
const LINEAR = 2 << SUB_BITS

/** Buckets of one histogram: durations up to 2^31 ticks. */
export const BUCKETS = (31 - SUB_BITS + 1) << SUB_BITS

/** The bucket of a duration in whole ticks, not negative. */
export function bucketOf(ticks: number): number {
  if (ticks < LINEAR) return ticks
  const shift = 31 - Math.clz32(ticks) - SUB_BITS
  return (shift << SUB_BITS) + (ticks >>> shift)
}

/** Where a bucket begins, ticks. */
function lowerBound(bucket: number): number {
  if (bucket < LINEAR) return bucket
  const shift = (bucket >> SUB_BITS) - 1
  return ((bucket & (LINEAR / 2 - 1)) + LINEAR / 2) * 2 ** shift
}

/** The three percentiles that every prediction gives, ms. */
export type Percentiles = { p50: number; p95: number; p99: number }

/**
 * Percentiles of one histogram, ms; `null` when it is empty. Values are taken as spread evenly over their bucket.
 * @param counts {@link BUCKETS} long, from the shortest
 * @param tickMs length of a tick
 * @param mostMs longest possible duration, where there is one: a bucket may reach past it
 */
export function percentilesOf(
  counts: ArrayLike<number>,
  tickMs: number,
  mostMs = Number.POSITIVE_INFINITY,
): Percentiles | null {
  let total = 0
  for (let i = 0; i < BUCKETS; i++) total += counts[i] as number
  if (total <= 0) return null
  const at = (ratio: number) => Math.min(mostMs, quantileOf(counts, total * ratio) * tickMs)
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** The duration in ticks that `rank` of the counted ones do not exceed. */
export function quantileOf(counts: ArrayLike<number>, rank: number): number {
  let seen = 0
  for (let i = 0; i < BUCKETS; i++) {
    const here = counts[i] as number
    if (here > 0 && seen + here >= rank) {
      if (i < LINEAR) return i
      const low = lowerBound(i)
      return low + ((rank - seen) / here) * (lowerBound(i + 1) - low)
    }
    seen += here
  }
  return lowerBound(BUCKETS - 1)
}

/** Most ticks in a window; with waits and holds, whole numbers stay below 2^30. */
const MOST_TICKS = 2 ** 29

/**
 * The length of a tick for a window: a hundredth of the mean hold, at most 0.1 ms, and long enough for the window.
 */
export function tickFor(windowMs: number, meanHoldMs: number): number {
  return Math.max(windowMs / MOST_TICKS, Math.min(0.1, meanHoldMs / 100), 1e-6)
}
