import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  minOf,
  reserveOf,
  shareOfLimit,
  sizeFromCores,
  sizeFromWait,
  sizeWithoutDeadlock,
} from './formulas.ts'

/** Anything that a caller may hand over, the odd ones among them. */
const anyNumber = fc.oneof(
  fc.integer({ min: 1, max: 500 }),
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0, -1, 0.5, Number.MAX_SAFE_INTEGER),
)

/** Either refused with a reason, or a whole number of connections from `least`. */
function expectConnections(compute: () => number, least: number): void {
  try {
    const size = compute()
    expect(Number.isSafeInteger(size)).toBe(true)
    expect(size).toBeGreaterThanOrEqual(least)
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error
    expect(error.message).toMatch(/ must /)
  }
}

describe(sizeFromCores, () => {
  it('is twice the cores and one for the disk', () => {
    expect(sizeFromCores(4, 1)).toBe(9) // (4 x 2) + 1
    expect(sizeFromCores(8, 0)).toBe(16) // (8 x 2) + 0
  })

  it('refuses half a core, saying what it takes', () => {
    expect(() => sizeFromCores(0.5, 1)).toThrow('cores must be a whole number from 1 to 4096 cores, not 0.5')
    expect(() => sizeFromCores(Number.NaN, 1)).toThrow(TypeError)
  })
})

describe(sizeFromWait, () => {
  it('is the cores and as many again for each service time of waiting', () => {
    expect(sizeFromWait(4, 0.5, 0.5)).toBe(8) // 4 x (1 + 0.5 / 0.5)
    expect(minOf(sizeFromWait(4, 0.5, 0.5))).toBe(2) // 8 / 4
    expect(sizeFromWait(4, 0, 5)).toBe(4) // 4 x (1 + 0)
    expect(sizeFromWait(4, 1, 3)).toBe(6) // 4 x 1.33 = 5.33, rounded up
  })

  it('does not round a whole number up', () => {
    expect(sizeFromWait(3, 0.6, 0.2)).toBe(12) // 3 x (1 + 3), which is 12.000000000000002 in doubles
  })

  it('refuses a service time of nothing', () => {
    expect(() => sizeFromWait(4, 10, 0)).toThrow(/serviceMs must be a number from 0.001/)
    expect(() => sizeFromWait(4096, 86_400_000, 0.001)).toThrow(/below 1000000 connections/)
  })
})

describe(shareOfLimit, () => {
  it('divides what is left among the instances', () => {
    expect(shareOfLimit(100, 20, 4)).toBe(20) // (100 - 20) / 4
    expect(shareOfLimit(100, 10, 7)).toBe(12) // 90 / 7 = 12.86, rounded down
  })

  it('is none where there are more instances than slots', () => {
    expect(shareOfLimit(100, 20, 81)).toBe(0)
  })

  it('refuses to reserve everything', () => {
    expect(() => shareOfLimit(100, 100, 1)).toThrow('reserved must be a whole number below maxConnections')
  })
})

describe(reserveOf, () => {
  it('is a part of the limit, and never all of it', () => {
    expect(reserveOf(100, 0.1)).toBe(10)
    expect(reserveOf(100, 0.2)).toBe(20)
    expect(reserveOf(151, 0.1)).toBe(16) // 15.1, rounded up
    expect(reserveOf(1, 0.2)).toBe(0)
  })
})

describe(minOf, () => {
  it('is a quarter, and at least one', () => {
    expect(minOf(20)).toBe(5)
    expect(minOf(9)).toBe(2) // 2.25, rounded down
    expect(minOf(1)).toBe(1)
  })
})

describe(sizeWithoutDeadlock, () => {
  it('leaves one connection for the thread that needs its last', () => {
    expect(sizeWithoutDeadlock(3, 4)).toBe(10) // 3 x (4 - 1) + 1
    expect(sizeWithoutDeadlock(8, 2)).toBe(9) // 8 x (2 - 1) + 1
    expect(sizeWithoutDeadlock(50, 1)).toBe(1) // nobody needs a second one
  })
})

describe('every formula', () => {
  it('answers whole connections or refuses with a reason, whatever it is given', () => {
    fc.assert(
      fc.property(anyNumber, anyNumber, anyNumber, (a, b, c) => {
        expectConnections(() => sizeFromCores(a, b), 1)
        expectConnections(() => sizeFromWait(a, b, c), 1)
        expectConnections(() => shareOfLimit(a, b, c), 0)
        expectConnections(() => reserveOf(a, b), 0)
        expectConnections(() => minOf(a), 1)
        expectConnections(() => sizeWithoutDeadlock(a, b), 1)
      }),
      { numRuns: 2000 },
    )
  })

  it('hands out no more than there is', () => {
    const slots = fc.integer({ min: 2, max: 100_000 })
    fc.assert(
      fc.property(slots, slots, fc.integer({ min: 1, max: 1000 }), (a, b, instances) => {
        const [reserved, limit] = [Math.min(a, b), Math.max(a, b) + 1]
        expect(shareOfLimit(limit, reserved, instances) * instances).toBeLessThanOrEqual(limit - reserved)
      }),
    )
  })

  it('never shrinks when cores, disks or waiting grow', () => {
    const few = fc.integer({ min: 1, max: 1000 })
    fc.assert(
      fc.property(few, few, few, (cores, wait, service) => {
        expect(sizeFromCores(cores + 1, wait)).toBeGreaterThan(sizeFromCores(cores, wait))
        expect(sizeFromWait(cores, wait + 1, service)).toBeGreaterThanOrEqual(
          sizeFromWait(cores, wait, service),
        )
      }),
    )
  })
})
