/**
 * Log-bucketed histograms of durations in milliseconds.
 *
 * Every octave from 2^-10 ms (about 1 µs) to 2^23 ms (about 2.3 h) is cut into 32 equal buckets, so a bucket is at
 * most 1/32 of its lower bound wide and its middle is within 1/64 (1.6 %) of every value in it. All
 * instances share the layout: histograms merge by adding counts and lose nothing in the merge.
 * Bucket 0 holds everything below 2^-10 ms, the last bucket everything from 2^23 ms on.
 */
export const HISTOGRAM = {
  /** Buckets an octave, as a power of two. */
  subBits: 5,
  /** Exponent of the lowest octave's lower bound, in ms. */
  minExponent: -10,
  /** Exponent of the upper bound, in ms. */
  maxExponent: 23,
  /** Number of buckets, under- and overflow included. */
  size: (23 - -10) * 32 + 2,
} as const

const SUB = 1 << HISTOGRAM.subBits

/**
 * The bucket that a duration falls into.
 * @param ms duration; negative and NaN count as below the lowest bound
 * @example bucketOf(1) // 321: ten octaves above 2^-10, times 32, plus the underflow bucket
 */
export function bucketOf(ms: number): number {
  if (!(ms >= 2 ** HISTOGRAM.minExponent)) return 0
  if (ms >= 2 ** HISTOGRAM.maxExponent) return HISTOGRAM.size - 1
  const exponent = Math.floor(Math.log2(ms))
  // log2 may round up just below a power of two; the octave is settled by comparison.
  const octave = 2 ** exponent > ms ? exponent - 1 : 2 ** (exponent + 1) <= ms ? exponent + 1 : exponent
  const sub = Math.floor((ms / 2 ** octave - 1) * SUB)
  return (octave - HISTOGRAM.minExponent) * SUB + sub + 1
}

/**
 * The duration in ms that stands for a bucket: its middle, within 1/64 of each value in it.
 * Underflow stands as half its bound, overflow as its lower bound.
 */
export function bucketMiddle(bucket: number): number {
  if (bucket <= 0) return 2 ** (HISTOGRAM.minExponent - 1)
  if (bucket >= HISTOGRAM.size - 1) return 2 ** HISTOGRAM.maxExponent
  const octave = Math.floor((bucket - 1) / SUB) + HISTOGRAM.minExponent
  const sub = (bucket - 1) % SUB
  return 2 ** octave * (1 + (sub + 0.5) / SUB)
}

/**
 * The upper bound of a bucket in ms, for exposition formats with cumulative buckets.
 * The overflow bucket answers `Infinity`.
 */
export function bucketUpperBound(bucket: number): number {
  if (bucket <= 0) return 2 ** HISTOGRAM.minExponent
  if (bucket >= HISTOGRAM.size - 1) return Number.POSITIVE_INFINITY
  const octave = Math.floor((bucket - 1) / SUB) + HISTOGRAM.minExponent
  const sub = (bucket - 1) % SUB
  return 2 ** octave * (1 + (sub + 1) / SUB)
}

/**
 * A percentile of merged counts.
 * @param counts one count a bucket, {@link HISTOGRAM}.size long
 * @param ratio 0 to 1
 * @returns ms, with a relative error of at most 1.6 % inside the histogram's range; `null` when
 *   nothing was counted
 */
export function percentileOf(counts: ArrayLike<number>, ratio: number): number | null {
  let total = 0
  for (let i = 0; i < counts.length; i++) total += counts[i] as number
  if (total === 0) return null
  const rank = Math.max(1, Math.ceil(ratio * total))
  let seen = 0
  for (let i = 0; i < counts.length; i++) {
    seen += counts[i] as number
    if (seen >= rank) return bucketMiddle(i)
  }
  return null
}
