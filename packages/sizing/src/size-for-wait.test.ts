import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { erlangC } from './erlang-c.ts'
import { sizeForWait, timeoutRatio } from './size-for-wait.ts'

describe(sizeForWait, () => {
  it('is the smallest that suffices', () => {
    const load = { arrivalsPerSec: 100, holdMs: 10 } // one busy connection on average
    // Of two connections 1/3 of the checkouts wait, 10 ms each: p99 = 10 ln(33.3) = 35 ms
    expect(erlangC({ ...load, size: 2 }).waitMs?.p99).toBeCloseTo(35.07, 1)
    expect(sizeForWait({ ...load, p99WaitMs: 36 })).toBe(2)
    expect(sizeForWait({ ...load, p99WaitMs: 20 })).toBe(3)
  })

  it('needs one connection for no traffic, and none suffices for too much', () => {
    expect(sizeForWait({ arrivalsPerSec: 0, holdMs: 10, p99WaitMs: 0 })).toBe(1)
    expect(sizeForWait({ arrivalsPerSec: 1_000_000, holdMs: 86_400_000, p99WaitMs: 5 })).toBeNull()
  })

  it('suffices, and one less does not', () => {
    const inputs = [
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 0, max: 1000 }),
    ] as const
    fc.assert(
      fc.property(...inputs, (arrivalsPerSec, holdMs, p99WaitMs) => {
        const size = sizeForWait({ arrivalsPerSec, holdMs, p99WaitMs })
        if (size === null) throw new Error('not reached by these loads')
        const p99 = (of: number) => erlangC({ arrivalsPerSec, holdMs, size: of }).waitMs?.p99 ?? null
        expect(p99(size)).toBeLessThanOrEqual(p99WaitMs)
        const less = size === 1 ? null : p99(size - 1)
        if (less !== null) expect(less).toBeGreaterThan(p99WaitMs)
      }),
      { numRuns: 200 },
    )
  })
})

describe(timeoutRatio, () => {
  it('is the part that waits when nobody may, and falls by e with each mean wait', () => {
    const load = { arrivalsPerSec: 100, holdMs: 10, size: 2 }
    expect(timeoutRatio(load, 0)).toBeCloseTo(1 / 3, 6)
    // Those who wait wait 10 / (2 - 1) = 10 ms on average.
    expect(timeoutRatio(load, 10)).toBeCloseTo(1 / 3 / Math.E, 6)
  })

  it('is everybody where the pool cannot keep up', () => {
    expect(timeoutRatio({ arrivalsPerSec: 300, holdMs: 10, size: 2 }, 1000)).toBe(1)
  })
})
