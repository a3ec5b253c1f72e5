import { describe, expect, it } from 'vitest'
import { bucketMiddle, bucketOf, bucketUpperBound, HISTOGRAM, percentileOf } from './histogram.ts'

describe(bucketOf, () => {
  it('puts 1 ms ten octaves above the lowest bound', () => {
    expect(bucketOf(1)).toBe(321) // 10 octaves * 32 + 1 for underflow
  })

  it('keeps every value within 1/64 of the middle of its bucket', () => {
    for (let ms = 2 ** -10; ms < 2 ** 23; ms *= 1.0007) {
      expect(Math.abs(bucketMiddle(bucketOf(ms)) - ms) / ms).toBeLessThanOrEqual(1 / 64)
    }
  })

  it('is at home on both sides of each octave', () => {
    for (let exponent = -10; exponent < 23; exponent++) {
      const at = bucketOf(2 ** exponent)
      expect(at).toBe((exponent + 10) * 32 + 1)
      if (exponent > -10) expect(bucketOf(2 ** exponent * (1 - Number.EPSILON))).toBe(at - 1)
    }
  })

  it('takes what is out of range into the first and last bucket', () => {
    expect([0, -1, Number.NaN, 2 ** -11].map(bucketOf)).toEqual([0, 0, 0, 0])
    expect([2 ** 23, 1e12, Number.POSITIVE_INFINITY].map(bucketOf)).toEqual(Array(3).fill(HISTOGRAM.size - 1))
  })
})

describe(bucketUpperBound, () => {
  it('is the lower bound of the next bucket', () => {
    for (let bucket = 1; bucket < HISTOGRAM.size - 1; bucket++) {
      expect(bucketOf(bucketUpperBound(bucket))).toBe(bucket + 1)
    }
  })
})

describe(percentileOf, () => {
  it('answers null when nothing was counted', () => {
    expect(percentileOf(new Uint32Array(HISTOGRAM.size), 0.5)).toBeNull()
  })

  it('is within 2 % of the exact percentile of merged instances', () => {
    const values: number[] = []
    const merged = new Uint32Array(HISTOGRAM.size)
    for (let i = 1; i <= 10_000; i++) {
      const ms = 0.05 * 1.0013 ** i
      values.push(ms)
      merged[bucketOf(ms)] = (merged[bucketOf(ms)] ?? 0) + 1
    }
    for (const ratio of [0.01, 0.5, 0.95, 0.99, 1]) {
      const exact = values[Math.ceil(ratio * values.length) - 1] as number
      expect(Math.abs((percentileOf(merged, ratio) as number) - exact) / exact).toBeLessThanOrEqual(0.02)
    }
  })
})
