import { bucketMiddle, type Duration, HISTOGRAM, type SparseHistogram } from '@poolscope/protocol'

const NOTHING: Duration = { p50: null, p95: null, p99: null, max: null }

/**
 * Durations of the last few reports as one histogram. Adding and removing a report's counts keeps
 * the sum exact, so a percentile over the window is as accurate as one bucket.
 */
export class DurationWindow {
  #counts = new Uint32Array(HISTOGRAM.size)
  #total = 0
  #parts: SparseHistogram[] = []
  #summary: Duration | null = NOTHING

  /** Takes in the counts of one report. */
  add(part: SparseHistogram): void {
    this.#parts.push(part)
    this.#apply(part, 1)
  }

  /** Takes out the oldest report's counts. */
  dropOldest(): void {
    const part = this.#parts.shift()
    if (part !== undefined) this.#apply(part, -1)
  }

  /** Adds this window's counts to a sum, one a bucket. */
  addTo(sum: Uint32Array): void {
    if (this.#total === 0) return
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (this.#counts[i] as number)
  }

  /** Longest duration in the window, ms; null when there was none. */
  get maxMs(): number | null {
    return this.#total === 0 ? null : Math.max(...this.#parts.map((part) => part.maxMs))
  }

  /** Percentiles over the window; the same object until the next change. */
  summary(): Duration {
    this.#summary ??= summarize(this.#counts, this.maxMs)
    return this.#summary
  }

  #apply(part: SparseHistogram, sign: 1 | -1): void {
    for (let i = 0; i + 1 < part.buckets.length; i += 2) {
      const bucket = part.buckets[i] as number
      if (bucket >= HISTOGRAM.size) continue
      const count = part.buckets[i + 1] as number
      this.#counts[bucket] = (this.#counts[bucket] as number) + sign * count
      this.#total += sign * count
    }
    this.#summary = null
  }
}

/**
 * Percentiles of merged counts in one pass.
 * @param counts one a bucket
 * @param maxMs the exact longest duration, which also bounds the percentiles
 */
export function summarize(counts: Uint32Array, maxMs: number | null): Duration {
  let total = 0
  for (const count of counts) total += count
  if (total === 0 || maxMs === null) return NOTHING
  const ranks = [0.5, 0.95, 0.99].map((ratio) => Math.max(1, Math.ceil(ratio * total)))
  const found: number[] = []
  let seen = 0
  for (let bucket = 0; bucket < counts.length && found.length < ranks.length; bucket++) {
    seen += counts[bucket] as number
    while (found.length < ranks.length && seen >= (ranks[found.length] as number)) {
      found.push(Math.min(bucketMiddle(bucket), maxMs))
    }
  }
  const [p50 = null, p95 = null, p99 = null] = found
  return { p50, p95, p99, max: maxMs }
}
