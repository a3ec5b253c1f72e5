import {
  bucketMiddle,
  type Duration,
  HISTOGRAM,
  type PoolReport,
  type SparseHistogram,
} from '@poolscope/protocol'

/** What is measured of each connection: waiting for one, having one, opening one. */
const DURATION_KINDS = ['wait', 'hold', 'create'] as const
export type DurationKind = (typeof DURATION_KINDS)[number]

const [WAIT, HOLD, CREATE] = [0, 1, 2] as const
const KINDS = DURATION_KINDS.length
const NOTHING: Duration = { p50: null, p95: null, p99: null, max: null }
/** Counts that a new log has room for: a quiet pool never needs more. */
const FIRST_ROOM = 64
/** A log this long is folded: more than twice of what is left of it, so that it is worth it. */
const FOLD_ABOVE = 4 * KINDS * HISTOGRAM.size
/** Bits that a count has in a log, below those of its place. */
const COUNT_BITS = 20
/** The largest count that fits; larger ones, which only the fastest pools have, are kept apart. */
const MOST = 2 ** COUNT_BITS - 1

/** Upper bounds in seconds, those that OpenTelemetry advises for connection times. */
export const EXPOSITION_BOUNDS_SEC = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] as const

const COARSE = EXPOSITION_BOUNDS_SEC.length + 1

/** For each bucket the coarse one that its middle falls into, worked out once. */
const COARSE_BUCKET = Uint8Array.from({ length: HISTOGRAM.size }, (_, bucket) => {
  const seconds = bucketMiddle(bucket) / 1000
  const at = EXPOSITION_BOUNDS_SEC.findIndex((bound) => seconds <= bound)
  return at === -1 ? COARSE - 1 : at
})

/** Counts by place: a kind's base and its bucket. What is added up to be read at once goes through here. */
const scratch = new Float64Array(KINDS * HISTOGRAM.size)

function addUp(logs: readonly CountLog[]): void {
  scratch.fill(0)
  for (const log of logs) log.addTo(scratch)
}

/**
 * The counts of a few seconds as a log: reports only append, and who reads adds them up. Each is one number, its place
 * above its count, so that a log of many pools' reports stays in the processor's caches.
 */
class CountLog {
  /** Longest duration of each kind. */
  readonly maxMs = new Float64Array(KINDS)
  /** How many durations of each kind. */
  readonly totals = new Float64Array(KINDS)
  #entries = new Uint32Array(FIRST_ROOM)
  #length = 0
  /** Counts too large for an entry, by place. */
  readonly #large = new Map<number, number>()

  /**
   * Takes in the counts of a kind: bucket and count in turn.
   * @param coarse counts by kind and coarse bucket, which they are added to as well
   */
  add(kind: number, { buckets, maxMs }: SparseHistogram, coarse: Float64Array): void {
    if (maxMs > (this.maxMs[kind] as number)) this.maxMs[kind] = maxMs
    const { length } = buckets
    if (length === 0) return
    if (this.#length + length > this.#entries.length) this.#makeRoom(length)
    const entries = this.#entries
    const base = kind * HISTOGRAM.size
    const coarseBase = kind * COARSE
    let end = this.#length
    let total = 0
    for (let at = 1; at < length; at += 2) {
      const bucket = buckets[at - 1] as number
      if (bucket >= HISTOGRAM.size) continue
      const count = buckets[at] as number
      const coarseAt = coarseBase + (COARSE_BUCKET[bucket] as number)
      coarse[coarseAt] = (coarse[coarseAt] as number) + count
      total += count
      if (count <= MOST) entries[end++] = ((base + bucket) << COUNT_BITS) | count
      else this.#large.set(base + bucket, (this.#large.get(base + bucket) ?? 0) + count)
    }
    this.#length = end
    this.totals[kind] = (this.totals[kind] as number) + total
  }

  /** Adds its counts to others, by place. */
  addTo(counts: Float64Array): void {
    const entries = this.#entries
    for (let at = 0; at < this.#length; at++) {
      const entry = entries[at] as number
      const place = entry >>> COUNT_BITS
      counts[place] = (counts[place] as number) + (entry & MOST)
    }
    for (const [place, count] of this.#large) counts[place] = (counts[place] as number) + count
  }

  clear(): void {
    this.#length = 0
    this.#large.clear()
    this.maxMs.fill(0)
    this.totals.fill(0)
  }

  /** Adds up the counts of a long log, and makes it longer where that is not enough. */
  #makeRoom(more: number): void {
    if (this.#length >= FOLD_ABOVE) this.#fold()
    let room = this.#entries.length
    while (this.#length + more > room) room *= 2
    if (room === this.#entries.length) return
    const entries = new Uint32Array(room)
    entries.set(this.#entries.subarray(0, this.#length))
    this.#entries = entries
  }

  #fold(): void {
    addUp([this])
    this.#length = 0
    this.#large.clear()
    for (const [place, count] of scratch.entries()) {
      if (count > MOST) this.#large.set(place, count)
      else if (count > 0) this.#entries[this.#length++] = (place << COUNT_BITS) | count
    }
  }
}

/** Durations since the pool was first seen, in the coarse buckets of the Prometheus exposition. */
export type Exposition = {
  /** Not cumulative; the last one is above the highest bound. */
  counts: number[]
  sumSec: number
}

/**
 * How long one pool's callers waited and held, and how long its connections took to open: the last seconds in two
 * halves for percentiles, and everything since the start in coarse buckets. Nothing of a report outlives its intake,
 * which keeps the garbage collector out of it.
 */
export class PoolDurations {
  #younger = new CountLog()
  #older = new CountLog()
  readonly #sumsMs = new Float64Array(KINDS)
  /** Counts since the start, by kind and coarse bucket. */
  readonly #coarse = new Float64Array(KINDS * COARSE)
  #summaries: Record<DurationKind, Duration> | null = null

  /** Takes in the counts of one report. */
  add({ wait, hold, create }: Pick<PoolReport['window'], DurationKind>): void {
    this.#add(WAIT, wait)
    this.#add(HOLD, hold)
    this.#add(CREATE, create)
    this.#summaries = null
  }

  #add(kind: number, histogram: SparseHistogram): void {
    const sums = this.#sumsMs
    sums[kind] = (sums[kind] as number) + histogram.sumMs
    this.#younger.add(kind, histogram, this.#coarse)
  }

  /** Forgets the older half of the window; the younger one takes its place. */
  rotate(): void {
    const gone = this.#older
    gone.clear()
    this.#older = this.#younger
    this.#younger = gone
    this.#summaries = null
  }

  /** Percentiles of a kind over the window; the same object until the next change. */
  summary(kind: DurationKind): Duration {
    this.#summaries ??= PoolDurations.merged([this])
    return this.#summaries[kind]
  }

  /** Percentiles of several pools together. */
  static merged(pools: readonly PoolDurations[]): Record<DurationKind, Duration> {
    const logs = pools.flatMap((pool) => [pool.#younger, pool.#older])
    addUp(logs)
    return { wait: summarize(WAIT, logs), hold: summarize(HOLD, logs), create: summarize(CREATE, logs) }
  }

  /** All durations of a kind since the start. */
  exposition(kind: DurationKind): Exposition {
    const at = DURATION_KINDS.indexOf(kind)
    const counts = [...this.#coarse.subarray(at * COARSE, (at + 1) * COARSE)]
    return { counts, sumSec: (this.#sumsMs[at] as number) / 1000 }
  }
}

/** Percentiles of a kind from the scratch, in one pass; the exact longest duration bounds them. */
function summarize(kind: number, logs: readonly CountLog[]): Duration {
  const base = kind * HISTOGRAM.size
  const total = logs.reduce((sum, log) => sum + (log.totals[kind] as number), 0)
  if (total === 0) return NOTHING
  const max = Math.max(...logs.map((log) => log.maxMs[kind] as number))
  const ranks = [0.5, 0.95, 0.99].map((ratio) => Math.max(1, Math.ceil(ratio * total)))
  const found: number[] = []
  let seen = 0
  for (let bucket = 0; bucket < HISTOGRAM.size && found.length < ranks.length; bucket++) {
    seen += scratch[base + bucket] as number
    while (found.length < ranks.length && seen >= (ranks[found.length] as number)) {
      found.push(Math.min(bucketMiddle(bucket), max))
    }
  }
  const [p50 = null, p95 = null, p99 = null] = found
  return { p50, p95, p99, max }
}
