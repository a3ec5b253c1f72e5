import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LedgerRow, ledgerOf } from './ledger.ts'

const row = (over: Partial<LedgerRow>): LedgerRow => ({
  service: 'shop',
  name: 'orders',
  instances: 2,
  max: 10,
  declared: 20,
  inUse: 6,
  open: 12,
  ...over,
})
const none = { surgeRatio: 0, lostRatio: 0 }

describe(ledgerOf, () => {
  it('adds old and new instances of the group that adds most, and what is open beside the pools', () => {
    const rows = [row({}), row({ name: 'stock', instances: 4, max: 5, declared: 20, inUse: 4 })]
    // 20 + 20 declared, 3 others; half of the instances on top: 1 x 10 or 2 x 5, the first of both
    expect(ledgerOf(60, 3, rows, { ...none, surgeRatio: 0.5 })).toMatchObject({
      rollout: 53,
      rolloutFits: true,
      largest: 0,
    })
    // All of them on top: 20
    expect(ledgerOf(60, 3, rows, { ...none, surgeRatio: 1 })).toMatchObject({
      rollout: 63,
      rolloutFits: false,
    })
    expect(ledgerOf(60, 3, rows, none)).toMatchObject({ rollout: 43, largest: null })
  })

  it('says who needs more than it may have when instances are gone', () => {
    // 6 of 2 in use: 3 each. One of two gone: 6 for the one left, of 10. Of 5: it does not suffice.
    const gone = { ...none, lostRatio: 0.5 }
    expect(ledgerOf(60, 0, [row({})], gone).lines[0]?.failover).toEqual({
      replicasLeft: 1,
      needsEach: 6,
      suffices: true,
    })
    expect(ledgerOf(60, 0, [row({ max: 5, declared: 10 })], gone).lines[0]?.failover.suffices).toBe(false)
    // A third of ten gone: 6 are left, and each needs 1 x 10 / 6.
    const ten = row({ instances: 10, declared: 100, inUse: 10 })
    expect(ledgerOf(200, 0, [ten], { ...none, lostRatio: 0.34 }).lines[0]?.failover).toMatchObject({
      replicasLeft: 6,
      needsEach: 2,
    })
  })

  it('takes from those who do not use what they declare before it takes what is in use', () => {
    const busy = row({ name: 'busy', max: 10, declared: 20, inUse: 20 })
    const calm = row({ name: 'calm', max: 10, declared: 20, inUse: 2 })
    const [first, second] = ledgerOf(30, 0, [busy, calm], none).lines
    expect(first).toMatchObject({ granted: 10, loses: 0 })
    expect(second).toMatchObject({ granted: 5, loses: 0 })
    // 12 for pools that need 2 x 10 and 2 x 1
    const [loser] = ledgerOf(12, 0, [busy, calm], none).lines
    expect(loser?.loses).toBeGreaterThan(0)
  })

  it('counts what is open where the max is not known, and then cannot say that it fits', () => {
    const rows = [row({}), row({ name: 'observed', max: null, declared: null, open: 7 })]
    expect(ledgerOf(60, 1, rows, none)).toMatchObject({ rollout: 28, rolloutFits: null, largest: null })
    expect(ledgerOf(27, 1, rows, none).rolloutFits).toBe(false)
    expect(ledgerOf(null, 1, rows, none)).toMatchObject({
      rollout: 28,
      rolloutFits: null,
      lines: [null, null],
    })
    expect(ledgerOf(60, null, rows, none)).toMatchObject({ rollout: null, rolloutFits: null })
  })

  it('grants nothing where others have it all', () => {
    expect(ledgerOf(10, 12, [row({})], none).lines[0]).toMatchObject({ granted: null, loses: null })
  })

  it('gives only whole connections that are not negative', () => {
    const known = fc.option(fc.integer({ min: 0, max: 500 }))
    const rows = fc.array(
      fc.record({ instances: fc.integer({ min: 1, max: 50 }), max: known, inUse: known, open: known }),
      { maxLength: 6 },
    )
    const ratio = fc.double({ min: 0, max: 0.99, noNaN: true })
    fc.assert(
      fc.property(known, known, rows, ratio, ratio, (usable, others, some, surgeRatio, lostRatio) => {
        const all = some.map((one) =>
          row({ ...one, declared: one.max === null ? null : one.max * one.instances }),
        )
        const { rollout, lines } = ledgerOf(usable, others, all, { surgeRatio, lostRatio })
        for (const value of [
          rollout,
          ...lines.flatMap((line) => [line?.granted, line?.loses, line?.surge]),
        ]) {
          if (value != null) expect(Number.isInteger(value) && value >= 0).toBe(true)
        }
      }),
      { numRuns: 200 },
    )
  })
})
