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
/** Numbers that a new log has room for: a quiet pool never needs more. */
const FIRST_ROOM = 128
/** A log this long is folded: more than twice of what is left of it, so that it is worth it. */
const FOLD_ABOVE = 8 * KINDS * HISTOGRAM.size

/** Upper bounds in seconds, those that OpenTelemetry advises for connection times. */
export const EXPOSITION_BOUNDS_SEC = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] as const

const COARSE = EXPOSITION_BOUNDS_SEC.length + 1

/** For each place the coarse one that its middle falls into, worked out once. */
const COARSE_PLACE = Uint16Array.from({ length: KINDS * HISTOGRAM.size }, (_, place) => {
  const seconds = bucketMiddle(place % HISTOGRAM.size) / 1000
  const at = EXPOSITION_BOUNDS_SEC.findIndex((bound) => seconds <= bound)
  return Math.floor(place / HISTOGRAM.size) * COARSE + (at === -1 ? COARSE - 1 : at)
})

/** Each place as itself. */
const SAME_PLACE = Uint16Array.from({ length: KINDS * HISTOGRAM.size }, (_, place) => place)

/** Counts that are added up: of all kinds in one array, kind after kind, and how many there are of each kind. */
type Sums = { counts: Uint32Array | Float64Array; totals: Float64Array }

/** What is added up to be read at once goes through here. */
const scratch = {
  counts: new Uint32Array(KINDS * HISTOGRAM.size),
  totals: new Float64Array(KINDS),
}

function addedUp(logs: readonly CountLog[]): typeof scratch {
  scratch.counts.fill(0)
  scratch.totals.fill(0)
  for (const log of logs) log.addTo(scratch)
  return scratch
}

/** What stands before the counts of a report in a log: their kind, and how many numbers they are. */
const HEAD = 2

/**
 * The counts of a few seconds as a log: reports only append, as they came, so taking one in is a copy, and who reads
 * adds them up. Of each report and kind: a head, then bucket and count in turn.
 */
class CountLog {
  /** Longest duration of each kind. */
  readonly maxMs = new Float64Array(KINDS)
  #numbers = new Uint32Array(FIRST_ROOM)
  #length = 0

  /** Takes in the counts of a kind. */
  add(kind: number, { buckets, maxMs }: SparseHistogram): void {
    if (maxMs > (this.maxMs[kind] as number)) this.maxMs[kind] = maxMs
    if (buckets.length === 0) return
    if (this.#length + HEAD + buckets.length > this.#numbers.length) this.#makeRoom(HEAD + buckets.length)
    const numbers = this.#numbers
    const at = this.#length
    numbers[at] = kind
    numbers[at + 1] = buckets.length
    numbers.set(buckets, at + HEAD)
    this.#length = at + HEAD + buckets.length
  }

  /** @param placeOf where in the sums each kind and bucket is counted */
  addTo({ counts, totals }: Sums, placeOf: Uint16Array = SAME_PLACE): void {
    const numbers = this.#numbers
    for (let head = 0; head < this.#length; ) {
      const kind = numbers[head] as number
      const base = kind * HISTOGRAM.size
      let total = 0
      const first = head + HEAD
      head = first + (numbers[head + 1] as number)
      for (let at = first + 1; at < head; at += 2) {
        const bucket = numbers[at - 1] as number
        if (bucket >= HISTOGRAM.size) continue
        const place = placeOf[base + bucket] as number
        const count = numbers[at] as number
        counts[place] = (counts[place] as number) + count
        total += count
      }
      totals[kind] = (totals[kind] as number) + total
    }
  }

  clear(): void {
    this.#length = 0
    this.maxMs.fill(0)
  }

  /** Adds up the counts of a long log, and makes it longer where that is not enough. */
  #makeRoom(more: number): void {
    if (this.#length >= FOLD_ABOVE) this.#fold()
    let room = this.#numbers.length
    while (this.#length + more > room) room *= 2
    if (room === this.#numbers.length) return
    const numbers = new Uint32Array(room)
    numbers.set(this.#numbers.subarray(0, this.#length))
    this.#numbers = numbers
  }

  #fold(): void {
    const { counts } = addedUp([this])
    let at = 0
    for (let kind = 0; kind < KINDS; kind++) {
      const head = at
      at += HEAD
      for (let bucket = 0; bucket < HISTOGRAM.size; bucket++) {
        const count = counts[kind * HISTOGRAM.size + bucket] as number
        if (count === 0) continue
        this.#numbers[at] = bucket
        this.#numbers[at + 1] = count
        at += 2
      }
      this.#numbers[head] = kind
      this.#numbers[head + 1] = at - head - HEAD
    }
    this.#length = at
  }
}

const coarseSums = (): Sums => ({
  counts: new Float64Array(KINDS * COARSE),
  totals: new Float64Array(KINDS),
})

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
  /** Coarse counts of what the logs hold no more. */
  readonly #coarse = coarseSums()
  #summaries: Record<DurationKind, Duration> | null = null

  /** Takes in the counts of one report. */
  add(window: Pick<PoolReport['window'], DurationKind>): void {
    const log = this.#younger
    const sums = this.#sumsMs
    log.add(WAIT, window.wait)
    log.add(HOLD, window.hold)
    log.add(CREATE, window.create)
    sums[WAIT] = (sums[WAIT] as number) + window.wait.sumMs
    sums[HOLD] = (sums[HOLD] as number) + window.hold.sumMs
    sums[CREATE] = (sums[CREATE] as number) + window.create.sumMs
    this.#summaries = null
  }

  /** Forgets the older half of the window; the younger one takes its place. */
  rotate(): void {
    const gone = this.#older
    gone.addTo(this.#coarse, COARSE_PLACE)
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
    addedUp(logs)
    return { wait: summarize(WAIT, logs), hold: summarize(HOLD, logs), create: summarize(CREATE, logs) }
  }

  /** All durations of a kind since the start. */
  exposition(kind: DurationKind): Exposition {
    const at = DURATION_KINDS.indexOf(kind)
    const all = coarseSums()
    all.counts.set(this.#coarse.counts)
    for (const log of [this.#younger, this.#older]) log.addTo(all, COARSE_PLACE)
    const counts = [...all.counts.subarray(at * COARSE, (at + 1) * COARSE)]
    return { counts, sumSec: (this.#sumsMs[at] as number) / 1000 }
  }
}

/** Percentiles of a kind from the scratch, in one pass; the exact longest duration bounds them. */
function summarize(kind: number, logs: readonly CountLog[]): Duration {
  const base = kind * HISTOGRAM.size
  const total = scratch.totals[kind] as number
  if (total === 0) return NOTHING
  const max = Math.max(...logs.map((log) => log.maxMs[kind] as number))
  const ranks = [0.5, 0.95, 0.99].map((ratio) => Math.max(1, Math.ceil(ratio * total)))
  const found: number[] = []
  let seen = 0
  for (let bucket = 0; bucket < HISTOGRAM.size && found.length < ranks.length; bucket++) {
    seen += scratch.counts[base + bucket] as number
    while (found.length < ranks.length && seen >= (ranks[found.length] as number)) {
      found.push(Math.min(bucketMiddle(bucket), max))
    }
  }
  const [p50 = null, p95 = null, p99 = null] = found
  return { p50, p95, p99, max }
}
