import { bucketMiddle, type Duration, HISTOGRAM, type SparseHistogram } from '@poolscope/protocol'

const NOTHING: Duration = { p50: null, p95: null, p99: null, max: null }

type Half = { counts: Uint32Array; total: number; maxMs: number }

function emptyHalf(): Half {
  return { counts: new Uint32Array(HISTOGRAM.size), total: 0, maxMs: 0 }
}

/**
 * Recent durations as one histogram, in two halves: new counts go to the younger one, and `rotate` throws
 * the older one away. Nothing of a report outlives its intake, which keeps the garbage collector
 * out of it.
 */
export class DurationWindow {
  #younger = emptyHalf()
  #older = emptyHalf()
  #summary: Duration | null = NOTHING

  /** Takes in the counts of one report. */
  add({ buckets, maxMs }: SparseHistogram): void {
    const half = this.#younger
    const { counts } = half
    let total = 0
    for (let i = 1; i < buckets.length; i += 2) {
      const bucket = buckets[i - 1] as number
      const count = buckets[i] as number
      if (bucket >= HISTOGRAM.size) continue
      counts[bucket] = (counts[bucket] as number) + count
      total += count
    }
    half.total += total
    if (maxMs > half.maxMs) half.maxMs = maxMs
    this.#summary = null
  }

  /** Forgets the older half; the younger one takes its place. */
  rotate(): void {
    const empty = this.#older
    if (empty.total > 0) empty.counts.fill(0)
    empty.total = 0
    empty.maxMs = 0
    this.#older = this.#younger
    this.#younger = empty
    this.#summary = null
  }

  /** Adds this window's counts to a sum, one a bucket. */
  addTo(sum: Uint32Array): void {
    for (const { counts, total } of [this.#younger, this.#older]) {
      if (total === 0) continue
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (counts[i] as number)
    }
  }

  /** Longest duration in the window, ms; null when there was none. */
  get maxMs(): number | null {
    const total = this.#younger.total + this.#older.total
    return total === 0 ? null : Math.max(this.#younger.maxMs, this.#older.maxMs)
  }

  /** Percentiles over the window; the same object until the next change. */
  summary(): Duration {
    if (this.#summary === null) {
      const sum = new Uint32Array(HISTOGRAM.size)
      this.addTo(sum)
      this.#summary = summarize(sum, this.maxMs)
    }
    return this.#summary
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
