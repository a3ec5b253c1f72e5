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
/** Entries that a new log has room for: a quiet pool never needs more. */
const FIRST_ROOM = 64
/** A log this long is folded: more than there are places, so that it is worth it. */
const FOLD_ABOVE = 4 * KINDS * HISTOGRAM.size

/** Upper bounds in seconds, those that OpenTelemetry advises for connection times. */
export const EXPOSITION_BOUNDS_SEC = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] as const

const COARSE = EXPOSITION_BOUNDS_SEC.length + 1

/** For each place the coarse one that its middle falls into, worked out once. */
const COARSE_PLACE = Uint8Array.from({ length: KINDS * HISTOGRAM.size }, (_, place) => {
  const seconds = bucketMiddle(place % HISTOGRAM.size) / 1000
  const at = EXPOSITION_BOUNDS_SEC.findIndex((bound) => seconds <= bound)
  return Math.floor(place / HISTOGRAM.size) * COARSE + (at === -1 ? COARSE - 1 : at)
})

/** Counts of all kinds in one array, kind after kind; what is added up goes through here. */
const scratch = new Uint32Array(KINDS * HISTOGRAM.size)

/**
 * The counts of a few seconds as a log: reports only append, so taking one in touches a few neighbouring cache lines,
 * and who reads adds the entries up. An entry is a place, which is a kind and a bucket, and a count.
 */
class CountLog {
  /** Longest duration of each kind. */
  readonly maxMs = new Float64Array(KINDS)
  /** How many durations of each kind. */
  readonly totals = new Float64Array(KINDS)
  #places = new Uint16Array(FIRST_ROOM)
  #counts = new Uint32Array(FIRST_ROOM)
  #length = 0

  /** Takes in the counts of a kind, and adds them to `coarse` too while they are at hand. */
  add(kind: number, { buckets, maxMs }: SparseHistogram, coarse: Float64Array): void {
    if (this.#length + buckets.length / 2 > this.#places.length) this.#makeRoom(buckets.length / 2)
    const places = this.#places
    const counts = this.#counts
    const base = kind * HISTOGRAM.size
    let at = this.#length
    let total = 0
    for (let i = 1; i < buckets.length; i += 2) {
      const bucket = buckets[i - 1] as number
      const count = buckets[i] as number
      if (bucket >= HISTOGRAM.size) continue
      const place = base + bucket
      const coarsePlace = COARSE_PLACE[place] as number
      coarse[coarsePlace] = (coarse[coarsePlace] as number) + count
      places[at] = place
      counts[at] = count
      at += 1
      total += count
    }
    this.#length = at
    this.totals[kind] = (this.totals[kind] as number) + total
    if (maxMs > (this.maxMs[kind] as number)) this.maxMs[kind] = maxMs
  }

  addTo(sums: Uint32Array): void {
    const places = this.#places
    const counts = this.#counts
    for (let at = 0; at < this.#length; at++) {
      const place = places[at] as number
      sums[place] = (sums[place] as number) + (counts[at] as number)
    }
  }

  clear(): void {
    this.#length = 0
    this.totals.fill(0)
    this.maxMs.fill(0)
  }

  /** Makes one entry of those of the same place where the log is long, and the log longer where that is not enough. */
  #makeRoom(more: number): void {
    if (this.#length >= FOLD_ABOVE) this.#fold()
    let room = this.#places.length
    while (this.#length + more > room) room *= 2
    if (room === this.#places.length) return
    const places = new Uint16Array(room)
    const counts = new Uint32Array(room)
    places.set(this.#places)
    counts.set(this.#counts)
    this.#places = places
    this.#counts = counts
  }

  #fold(): void {
    scratch.fill(0)
    this.addTo(scratch)
    let at = 0
    for (let place = 0; place < scratch.length; place++) {
      if (scratch[place] === 0) continue
      this.#places[at] = place
      this.#counts[at] = scratch[place] as number
      at += 1
    }
    this.#length = at
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
  readonly #coarse = new Float64Array(KINDS * COARSE)
  #summaries: Record<DurationKind, Duration> | null = null

  /** Takes in the counts of one report. */
  add(window: Pick<PoolReport['window'], DurationKind>): void {
    const log = this.#younger
    const sums = this.#sumsMs
    log.add(WAIT, window.wait, this.#coarse)
    log.add(HOLD, window.hold, this.#coarse)
    log.add(CREATE, window.create, this.#coarse)
    sums[WAIT] = (sums[WAIT] as number) + window.wait.sumMs
    sums[HOLD] = (sums[HOLD] as number) + window.hold.sumMs
    sums[CREATE] = (sums[CREATE] as number) + window.create.sumMs
    this.#summaries = null
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
    scratch.fill(0)
    for (const log of logs) log.addTo(scratch)
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
  const total = logs.reduce((sum, log) => sum + (log.totals[kind] as number), 0)
  if (total === 0) return NOTHING
  const max = Math.max(...logs.map((log) => log.maxMs[kind] as number))
  const ranks = [0.5, 0.95, 0.99].map((ratio) => Math.max(1, Math.ceil(ratio * total)))
  const found: number[] = []
  const base = kind * HISTOGRAM.size
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
