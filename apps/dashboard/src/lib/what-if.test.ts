import type { BudgetRow, ServerBudget } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { readPercent, whatIf } from './what-if.ts'

function row(name: string, instances: number, max: number, inUse: number): BudgetRow {
  const declared = instances * max
  const now = { inUse, open: declared, worst: declared, granted: max }
  return { groupId: name, service: 'shop', name, origin: 'probe', instances, max, declared, ...now }
}

const budget: ServerBudget = {
  atMs: 0,
  serverId: 's',
  name: 's',
  maxConnections: 50,
  reserved: 3,
  usable: 47,
  open: 41,
  others: 1,
  worst: 41,
  rollout: 71,
  unknown: 0,
  fits: true,
  rows: [row('orders', 3, 10, 27), row('stock', 1, 10, 1)],
}

describe(whatIf, () => {
  it('says what a roll-out adds, and who loses when it does not fit', () => {
    // 40 declared, 1 beside them; a third of three is one more of 10
    const mild = whatIf(budget, 33, 0)
    expect(mild).toMatchObject({ rollout: 51, rolloutFits: false, losers: [], tooSmall: [] })
    expect(mild.largest?.name).toBe('orders')
    // 46 are left: orders needs 9 in each of six, 54 with stock's one
    const { rollout, losers } = whatIf(budget, 100, 0)
    expect(rollout).toBe(71)
    expect(losers.map(({ name }) => name)).toEqual(['orders'])
  })

  it('says whose pools are too small when instances are gone', () => {
    // 27 of three in use. One gone: 14 for each of two, of 10. The only one of stock gone: nobody is left to tell of.
    expect(whatIf(budget, 0, 33).tooSmall.map(({ name }) => name)).toEqual(['orders'])
    expect(whatIf(budget, 0, 33).nobodyLeft.map(({ name }) => name)).toEqual(['stock'])
    const calm = { rolloutFits: true, tooSmall: [], nobodyLeft: [], largest: null }
    expect(whatIf(budget, 0, 0)).toMatchObject(calm)
  })
})

describe(readPercent, () => {
  it('refuses what is no share', () => {
    expect(readPercent('Gone', '50', 99)).toEqual({ value: 50, error: null })
    for (const text of ['', '-1', '100', 'half', 'Infinity']) {
      expect(readPercent('Gone', text, 99)).toEqual({ value: null, error: 'Gone must be from 0 to 99 %.' })
    }
  })
})
