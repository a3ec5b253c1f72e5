import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { littlesLaw } from './littles-law.ts'

describe(littlesLaw, () => {
  it('answers the worked example', () => {
    // 250 a second, each for 0.020 s: 250 * 0.020 = 5 busy connections
    expect(littlesLaw({ arrivalsPerSec: 250, staysMs: 20 })).toBe(5)
  })

  it('is finite and not negative everywhere in its range', () => {
    const inRange = fc.record({
      arrivalsPerSec: fc.double({ min: 0, max: 1e6, noNaN: true }),
      staysMs: fc.double({ min: 0, max: 86_400_000, noNaN: true }),
    })
    fc.assert(
      fc.property(inRange, (input) => {
        const busy = littlesLaw(input)
        return Number.isFinite(busy) && busy >= 0
      }),
    )
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('refuses %s arrivals and names the range', (bad) => {
    expect(() => littlesLaw({ arrivalsPerSec: bad, staysMs: 1 })).toThrow(
      /arrivalsPerSec must be a number from 0/,
    )
  })
})
