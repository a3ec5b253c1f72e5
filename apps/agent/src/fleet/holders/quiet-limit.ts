import { bucketOf, bucketUpperBound } from '@poolscope/protocol'

/** No hold is suspected before it has been quiet for so long: less, and every call of a neighbour service is one. */
const FLOOR_MS = 3000
/** A hold has to be so many times quieter than its like ever are. */
const FACTOR = 4
/** The limit of a pool that is not known yet. */
const UNKNOWN_MS = 30_000
/** What is quiet for so long is worth a look, whatever was learned. */
const CEILING_MS = 600_000
/** One hold in a thousand cannot be told among fewer. */
const ENOUGH_HOLDS = 1000
/** Quiet stretches after which a piece of code is judged by itself alone. */
const ENOUGH_GAPS = 100
/** What was learned is forgotten after one to two times this long, so that a daily job is remembered. */
const HALF_MS = 24 * 3_600_000
/** Pieces of code that are remembered in each half; more of them share the pool's limit. */
const MOST_SITES = 200

/** Counts of quiet stretches by length. */
class Gaps {
  readonly counts = new Map<number, number>()
  total = 0

  add(ms: number): void {
    const bucket = bucketOf(ms)
    this.counts.set(bucket, (this.counts.get(bucket) ?? 0) + 1)
    this.total += 1
  }
}

type Half = { holds: number; all: Gaps; sites: Map<string, Gaps> }

const newHalf = (): Half => ({ holds: 0, all: new Gaps(), sites: new Map() })

/**
 * For how long a held connection of one pool may be quiet before it is suspected: four times what one hold in a
 * thousand of its like is, at least three seconds.
 *
 * Its like are the holds of the same piece of code where it was seen quiet a hundred times, else all of the pool. Until
 * the pool has had a thousand holds the limit is half a minute. A piece of code that was quiet for long and came back
 * is never judged by less than what it has shown.
 */
export class QuietLimit {
  readonly #fixedMs: number | null
  #younger = newHalf()
  #older = newHalf()
  #sinceMs: number

  /** @param fixedMs a limit from the configuration, which is not learned; `null` learns */
  constructor(fixedMs: number | null, nowMs: number) {
    this.#fixedMs = fixedMs
    this.#sinceMs = nowMs
  }

  /** Counts holds that ended. */
  finished(holds: number, nowMs: number): void {
    if (nowMs - this.#sinceMs >= HALF_MS) {
      this.#older = this.#younger
      this.#younger = newHalf()
      this.#sinceMs = nowMs
    }
    this.#younger.holds += holds
  }

  /** A hold was quiet for so long, and was used or given back after that. @param site `null` where not known */
  learn(gapMs: number, site: string | null): void {
    const { all, sites } = this.#younger
    all.add(gapMs)
    if (site === null) return
    const known = sites.get(site)
    if (known !== undefined) known.add(gapMs)
    else if (sites.size < MOST_SITES) {
      const gaps = new Gaps()
      gaps.add(gapMs)
      sites.set(site, gaps)
    }
  }

  /** The limit for holds of a piece of code, ms. */
  ms(site: string | null): number {
    if (this.#fixedMs !== null) return this.#fixedMs
    const halves = [this.#younger, this.#older]
    const own = site === null ? [] : halves.flatMap(({ sites }) => sites.get(site) ?? [])
    const ownTotal = own.reduce((sum, { total }) => sum + total, 0)
    const ownMs = FACTOR * rarest(own, ownTotal)
    if (ownTotal >= ENOUGH_GAPS) return bounded(ownMs)
    const holds = halves.reduce((sum, half) => sum + half.holds, 0)
    const all = halves.map((half) => half.all)
    const poolMs = holds < ENOUGH_HOLDS ? UNKNOWN_MS : FACTOR * rarest(all, holds)
    return bounded(Math.max(poolMs, ownMs))
  }
}

/** The length that one in a thousand exceeds, of so many; 0 where it is too short to have been counted. */
function rarest(gaps: readonly Gaps[], of: number): number {
  const counts = new Map<number, number>()
  for (const gap of gaps) {
    for (const [bucket, count] of gap.counts) counts.set(bucket, (counts.get(bucket) ?? 0) + count)
  }
  let left = Math.floor(of / 1000)
  for (const [bucket, count] of [...counts].sort((a, b) => b[0] - a[0])) {
    left -= count
    if (left < 0) return bucketUpperBound(bucket)
  }
  return 0
}

function bounded(ms: number): number {
  return Math.min(CEILING_MS, Math.max(FLOOR_MS, ms))
}
