import { describe, expect, it } from 'vitest'
import { compareBy, countChanged, countMoved, keepOrder } from './order.ts'

type Row = { id: string; value: number | null }
const rows: Row[] = [
  { id: 'pool-10', value: 1 },
  { id: 'pool-9', value: 1 },
  { id: 'b', value: null },
  { id: 'a', value: 3 },
]
const sorted = (descending: boolean) =>
  [...rows]
    .sort(
      compareBy(
        (row) => row.value,
        descending,
        (row) => row.id,
      ),
    )
    .map((row) => row.id)

describe('compareBy', () => {
  it('puts the unknown last in both directions', () => {
    expect(sorted(false)).toEqual(['pool-9', 'pool-10', 'a', 'b'])
    expect(sorted(true)).toEqual(['a', 'pool-9', 'pool-10', 'b'])
  })
})

describe('keepOrder', () => {
  it('keeps places, drops what left and appends what came', () => {
    expect(keepOrder(['c', 'a', 'b'], ['a', 'b', 'd', 'e'])).toEqual(['a', 'b', 'd', 'e'])
    expect(keepOrder(['c', 'a'], ['a', 'c'])).toEqual(['c', 'a'])
  })
})

describe('countMoved', () => {
  it('counts one row that jumped as one', () => {
    expect(countMoved(['a', 'b', 'c', 'd'], ['d', 'a', 'b', 'c'])).toBe(1)
  })
  it('counts nothing when rows only came or went', () => {
    expect(countMoved(['a', 'b', 'c'], ['a', 'c', 'x'])).toBe(0)
  })
  it('counts all but one of a reversed list', () => {
    expect(countMoved(['a', 'b', 'c'], ['c', 'b', 'a'])).toBe(2)
  })
})

describe('countChanged', () => {
  it('counts what came and what left', () => {
    expect(countChanged(['a', 'b'], ['b', 'c', 'd'])).toBe(3)
  })
})
