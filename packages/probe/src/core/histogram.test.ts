import * as protocol from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { bucketOf, Histogram, LAYOUT } from './histogram.ts'

/** A small generator with a seed, so that a failure can be repeated. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

describe('LAYOUT', () => {
  it('is the protocol’s', () => {
    expect(LAYOUT).toEqual(protocol.HISTOGRAM)
  })
})

describe(bucketOf, () => {
  it('agrees with the protocol on every edge and its neighbours', () => {
    for (let bucket = 0; bucket < LAYOUT.size - 1; bucket++) {
      const edge = protocol.bucketUpperBound(bucket)
      for (const ms of [
        edge,
        edge * (1 - Number.EPSILON),
        edge * (1 + Number.EPSILON),
        protocol.bucketMiddle(bucket),
      ]) {
        expect(bucketOf(ms)).toBe(protocol.bucketOf(ms))
      }
    }
  })

  it('agrees with the protocol over the whole range', () => {
    for (let ms = 2 ** -12; ms < 2 ** 25; ms *= 1.00013) {
      if (bucketOf(ms) !== protocol.bucketOf(ms))
        expect([ms, bucketOf(ms)]).toEqual([ms, protocol.bucketOf(ms)])
    }
  })

  it.each([
    0,
    -0,
    -1,
    Number.NaN,
    Number.MIN_VALUE,
    Number.MAX_VALUE,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ])('agrees with the protocol on %d', (ms) => {
    expect(bucketOf(ms)).toBe(protocol.bucketOf(ms))
  })
})

describe(Histogram, () => {
  const exact = (sorted: number[], ratio: number) =>
    sorted[Math.max(1, Math.ceil(ratio * sorted.length)) - 1] as number

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'gives percentiles within 2 % after the merge of two instances (seed %d)',
    (seed) => {
      const random = randomOf(seed)
      const values: number[] = []
      const instances = [new Histogram(), new Histogram()]
      // Log-normal, as waits are: each seed with another middle and another spread.
      const middle = 2 ** (random() * 16 - 6)
      const spread = 0.2 + random() * 2.5
      for (let i = 0; i < 5000; i++) {
        const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
        const ms = Math.min(2 ** 22, Math.max(2 ** -9, middle * Math.exp(spread * normal)))
        values.push(ms)
        instances[random() < 0.3 ? 0 : 1]?.record(ms)
      }
      values.sort((a, b) => a - b)
      const counts = instances[0]?.counts.map((count, i) => count + (instances[1]?.counts[i] ?? 0))
      for (const ratio of [0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1]) {
        const found = protocol.percentileOf(counts ?? [], ratio) as number
        expect(Math.abs(found - exact(values, ratio)) / exact(values, ratio)).toBeLessThanOrEqual(0.02)
      }
      expect(Math.max(...instances.map(({ maxMs }) => maxMs))).toBe(values.at(-1))
      expect(instances.reduce((sum, { sumMs }) => sum + sumMs, 0)).toBeCloseTo(
        values.reduce((sum, ms) => sum + ms, 0),
        3,
      )
    },
  )

  it('is written as rising pairs of bucket and count', () => {
    const histogram = new Histogram()
    // 1 ms opens the eleventh octave: 10 * 32 + 1; 2 ms the twelfth.
    for (const ms of [2, 1, 1]) histogram.record(ms)
    expect(histogram.toSparse()).toEqual({ buckets: [321, 2, 353, 1], sumMs: 4, maxMs: 2 })
    histogram.reset()
    expect(histogram.toSparse()).toEqual({ buckets: [], sumMs: 0, maxMs: 0 })
  })
})
