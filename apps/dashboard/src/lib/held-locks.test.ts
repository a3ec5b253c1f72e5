import type { HeldLock } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { locksText } from './held-locks.ts'

const lock = (over: Partial<HeldLock>): HeldLock => ({
  kind: 'relation',
  mode: 'RowExclusiveLock',
  relation: 'public.stock',
  granted: true,
  count: 1,
  ...over,
})
const text = (listed: HeldLock[], rows: number | null = null) => locksText({ listed, complete: true, rows })

describe(locksText, () => {
  it('says nothing where nothing is known, or nothing is kept', () => {
    expect(locksText(null)).toBeNull()
    expect(text([])).toBeNull()
    expect(text([lock({ granted: false })], 0)).toBeNull()
  })

  it('names rows and tables, and what has no table by its kind', () => {
    expect(text([], 2)).toBe('keeps 2 rows locked')
    expect(text([lock({ kind: 'record', mode: 'X', relation: 'shop.stock', count: 3 })], 1)).toBe(
      'keeps 1 row, shop.stock (X) × 3 locked',
    )
    expect(text([lock({ kind: 'advisory', mode: 'ExclusiveLock', relation: null })])).toBe(
      'keeps advisory (ExclusiveLock) locked',
    )
  })

  it('names three at most', () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map((relation) => lock({ relation, mode: 'X' }))
    expect(text(names)).toBe('keeps a (X), b (X), c (X), 2 more locked')
  })
})
