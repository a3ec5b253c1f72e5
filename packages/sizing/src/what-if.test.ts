import { describe, expect, it } from 'vitest'
import type { LedgerRow } from './ledger.ts'
import { whatIf } from './what-if.ts'

function row(name: string, instances: number, max: number | null, inUse: number | null): LedgerRow {
  const declared = max === null ? null : instances * max
  return { service: 'shop', name, instances, max, declared, inUse, open: inUse }
}

const budget = { usable: 47, others: 1, rows: [row('orders', 3, 10, 27), row('stock', 1, 10, 1)] }

describe(whatIf, () => {
  it('says what a roll-out adds, and who loses when it does not fit', () => {
    // 40 declared, 1 beside them; a third of three is one more of 10
    const mild = whatIf(budget, { surgeRatio: 0.33, lostRatio: 0 })
    expect(mild).toMatchObject({ rollout: 51, rolloutFits: false, losers: [], tooSmall: [] })
    expect(mild.largest?.name).toBe('orders')
    // 46 are left: orders needs 9 in each of six, 54 with stock's one
    const { rollout, losers } = whatIf(budget, { surgeRatio: 1, lostRatio: 0 })
    expect(rollout).toBe(71)
    expect(losers.map(({ name }) => name)).toEqual(['orders'])
  })

  it('says whose pools are too small when instances are gone', () => {
    // 27 of three in use. One gone: 14 for each of two, of 10. The only one of stock gone: nobody is left to tell of.
    const third = whatIf(budget, { surgeRatio: 0, lostRatio: 0.33 })
    expect(third.tooSmall.map(({ name }) => name)).toEqual(['orders'])
    expect(third.nobodyLeft.map(({ name }) => name)).toEqual(['stock'])
    expect(third.failoverFits).toBe(false)
    const calm = { rolloutFits: true, tooSmall: [], nobodyLeft: [], largest: null, failoverFits: true }
    expect(whatIf(budget, { surgeRatio: 0, lostRatio: 0 })).toMatchObject(calm)
  })

  it('does not say that those left are enough where one is not known', () => {
    const half = { surgeRatio: 0, lostRatio: 0.5 }
    const fits = (rows: LedgerRow[]) => whatIf({ ...budget, rows }, half).failoverFits
    expect(fits([row('orders', 2, 10, 8)])).toBe(true) // 8 for the one left, of 10
    expect(fits([row('orders', 2, 10, 8), row('stock', 2, 10, null)])).toBeNull()
    expect(fits([row('orders', 2, 10, 8), row('stock', 2, null, 3)])).toBeNull()
    expect(fits([row('orders', 2, 10, 12), row('stock', 2, null, 3)])).toBe(false)
  })
})
