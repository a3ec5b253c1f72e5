import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allenCunneen } from './allen-cunneen.ts'
import { erlangC } from './erlang-c.ts'

describe(allenCunneen, () => {
  it('answers the worked example', () => {
    const fixed = { arrivalsPerSec: 100, holdMs: 10, size: 2, arrivalVariation: 1, holdVariation: 0 }
    // Erlang C says 3.333 ms (see there); arrivals at random and fixed holds: 3.333 * (1 + 0) / 2 = 1.667
    expect(allenCunneen(fixed).meanWaitMs).toBeCloseTo(1.6667, 4)
  })

  it('is Erlang C when both variations are 1', () => {
    const queue = { arrivalsPerSec: 250, holdMs: 20, size: 7 }
    expect(allenCunneen({ ...queue, arrivalVariation: 1, holdVariation: 1 })).toEqual(erlangC(queue))
  })

  it('is Pollaczek and Khinchine for one connection and arrivals at random', () => {
    // M/G/1: rho h (1 + cs²) / (2 (1 - rho)) = 0.6 * 10 * (1 + 3) / (2 * 0.4) = 30
    const queue = { arrivalsPerSec: 60, holdMs: 10, size: 1, arrivalVariation: 1, holdVariation: 3 }
    expect(allenCunneen(queue).meanWaitMs).toBeCloseTo(30, 9)
  })

  it('gives only finite numbers that are not negative', () => {
    const inRange = fc.record({
      arrivalsPerSec: fc.double({ min: 0, max: 1e6, noNaN: true }),
      holdMs: fc.double({ min: 0.001, max: 86_400_000, noNaN: true }),
      size: fc.integer({ min: 1, max: 2000 }),
      arrivalVariation: fc.double({ min: 0, max: 10_000, noNaN: true }),
      holdVariation: fc.double({ min: 0, max: 10_000, noNaN: true }),
    })
    fc.assert(
      fc.property(inRange, (input) => {
        const { meanWaitMs, waitMs } = allenCunneen(input)
        return [meanWaitMs ?? 0, ...Object.values(waitMs ?? {})].every((n) => Number.isFinite(n) && n >= 0)
      }),
    )
  })

  it.each([-0.1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a variation of %s', (bad) => {
    const queue = { arrivalsPerSec: 1, holdMs: 1, size: 1 }
    expect(() => allenCunneen({ ...queue, arrivalVariation: bad, holdVariation: 1 })).toThrow(
      /arrivalVariation/,
    )
    expect(() => allenCunneen({ ...queue, arrivalVariation: 1, holdVariation: bad })).toThrow(/holdVariation/)
  })
})
