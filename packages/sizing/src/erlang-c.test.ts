import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { erlangC } from './erlang-c.ts'

/** Erlang C straight from its sum, for small sizes. */
function bySum(offered: number, size: number): number {
  let term = 1
  let sum = 0
  for (let n = 0; n < size; n++) {
    sum += term
    term *= offered / (n + 1)
  }
  const last = term / (1 - offered / size)
  return last / (sum + last)
}

const inRange = fc.record({
  arrivalsPerSec: fc.double({ min: 0, max: 1e6, noNaN: true }),
  holdMs: fc.double({ min: 0.001, max: 86_400_000, noNaN: true }),
  size: fc.integer({ min: 1, max: 5000 }),
})

describe(erlangC, () => {
  it('answers the worked example', () => {
    const answer = erlangC({ arrivalsPerSec: 100, holdMs: 10, size: 2 })
    // a = 100 * 0.010 = 1; B(1) = 1/2, B(2) = 0.5 / 2.5 = 0.2; C = 0.2 / (1 - 0.5 * 0.8) = 1/3
    expect(answer.offeredLoad).toBe(1)
    expect(answer.utilizationRatio).toBe(0.5)
    expect(answer.waitRatio).toBeCloseTo(1 / 3, 12)
    // mean of those who wait: 10 / (2 - 1) = 10 ms; of all: 10 / 3
    expect(answer.meanWaitMs).toBeCloseTo(10 / 3, 12)
    // p95: 10 ln((1/3) / 0.05) = 18.97; p50: a third waits, so half do not
    expect(answer.waitMs?.p95).toBeCloseTo(18.971, 3)
    expect(answer.waitMs?.p50).toBe(0)
  })

  it('is M/M/1 for one connection: the share that waits is the utilization', () => {
    const answer = erlangC({ arrivalsPerSec: 80, holdMs: 10, size: 1 })
    expect(answer.waitRatio).toBeCloseTo(0.8, 12)
    expect(answer.meanWaitMs).toBeCloseTo((0.8 / 0.2) * 10, 9)
  })

  it.each([
    [0.5, 1],
    [4, 5],
    [9.9, 10],
    [30, 40],
  ])('equals the sum it stands for at load %d and size %d', (load, size) => {
    expect(erlangC({ arrivalsPerSec: load * 100, holdMs: 10, size }).waitRatio).toBeCloseTo(
      bySum(load, size),
      10,
    )
  })

  it('knows no wait where the pool cannot keep up', () => {
    expect(erlangC({ arrivalsPerSec: 500, holdMs: 10, size: 5 })).toMatchObject({
      utilizationRatio: 1,
      waitRatio: 1,
      meanWaitMs: null,
      waitMs: null,
    })
  })

  it('holds for a size of 100 000', () => {
    const { waitRatio } = erlangC({ arrivalsPerSec: 999_000, holdMs: 100, size: 100_000 })
    expect(waitRatio).toBeGreaterThan(0.5)
    expect(waitRatio).toBeLessThan(1)
  })

  it('gives only finite numbers that are not negative, percentiles rising', () => {
    fc.assert(
      fc.property(inRange, (input) => {
        const { offeredLoad, utilizationRatio, waitRatio, meanWaitMs, waitMs } = erlangC(input)
        const numbers = [
          offeredLoad,
          utilizationRatio,
          waitRatio,
          meanWaitMs ?? 0,
          ...Object.values(waitMs ?? {}),
        ]
        const rising = waitMs === null || (waitMs.p50 <= waitMs.p95 && waitMs.p95 <= waitMs.p99)
        return numbers.every((n) => Number.isFinite(n) && n >= 0) && waitRatio <= 1 + 1e-9 && rising
      }),
    )
  })

  it('never lets a bigger pool wait more', () => {
    fc.assert(
      fc.property(inRange, (input) => {
        const here = erlangC(input)
        const bigger = erlangC({ ...input, size: input.size + 1 })
        return here.meanWaitMs === null || (bigger.meanWaitMs ?? Infinity) <= here.meanWaitMs * (1 + 1e-9)
      }),
    )
  })

  it.each([0, 1.5, Number.NaN, 100_001])('refuses a size of %s', (size) => {
    expect(() => erlangC({ arrivalsPerSec: 1, holdMs: 1, size })).toThrow(
      /size must be a whole number from 1/,
    )
  })
})
