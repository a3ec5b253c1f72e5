import type { SparseHistogram } from '@poolscope/protocol'

/**
 * Layout of every duration histogram: 32 buckets an octave from 2^-10 ms to 2^23 ms, one bucket below and one above.
 * The same as the protocol's, which a test holds; repeated here so that the probe loads nothing at run time.
 */
export const LAYOUT = { subBits: 5, minExponent: -10, maxExponent: 23, size: (23 - -10) * 32 + 2 } as const

const LOWEST = 2 ** LAYOUT.minExponent
const HIGHEST = 2 ** LAYOUT.maxExponent
const FIRST = ((1023 + LAYOUT.minExponent) << LAYOUT.subBits) - 1

const float = new Float64Array(1)
const words = new Uint32Array(float.buffer)
float[0] = 1
/** Where a double keeps its sign, exponent and top of the mantissa; differs by byte order. */
const HIGH = words[1] === 0 ? 0 : 1

/**
 * The bucket that a duration falls into. A double already holds the octave (its exponent) and the place in it (the top
 * of its mantissa) side by side, so a shift of its high word is the bucket, 32 to the octave.
 * @param ms duration; negative and NaN count as below the lowest bound
 */
export function bucketOf(ms: number): number {
  if (!(ms >= LOWEST)) return 0
  if (ms >= HIGHEST) return LAYOUT.size - 1
  float[0] = ms
  return ((words[HIGH] as number) >>> 15) - FIRST
}

/** Durations counted in buckets, with their sum and maximum in ms. 4.2 KB, and no allocation in use. */
export class Histogram {
  readonly counts = new Uint32Array(LAYOUT.size)
  /** Sum and maximum; in an array so that writing them boxes no number. */
  readonly #totals = new Float64Array(2)
  #empty = true

  get sumMs(): number {
    return this.#totals[0] as number
  }

  get maxMs(): number {
    return this.#totals[1] as number
  }

  record(ms: number): void {
    const bucket = bucketOf(ms)
    const totals = this.#totals
    this.counts[bucket] = (this.counts[bucket] as number) + 1
    if (ms > 0) totals[0] = (totals[0] as number) + ms
    if (ms > (totals[1] as number)) totals[1] = ms
    this.#empty = false
  }

  reset(): void {
    if (this.#empty) return
    this.counts.fill(0)
    this.#totals.fill(0)
    this.#empty = true
  }

  /** As a report carries it: bucket and count in turn, buckets rising, empty buckets left out. */
  toSparse(): SparseHistogram {
    const buckets: number[] = []
    if (!this.#empty) {
      for (let i = 0; i < LAYOUT.size; i++) {
        const count = this.counts[i] as number
        if (count !== 0) buckets.push(i, count)
      }
    }
    return { buckets, sumMs: this.sumMs, maxMs: this.maxMs }
  }
}
