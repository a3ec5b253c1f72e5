import { describe, expect, it } from 'vitest'
import { SeriesTable } from './series-table.ts'
import { RING_TICKS } from './tick-clock.ts'

const NAMES = ['inUse', 'stale'] as const

function read(table: SeriesTable<string>, id: string, first: number, last: number): number[] {
  const into = new Float32Array(last - first + 1)
  table.read(id, 'inUse', first, last, into)
  return [...into]
}

describe('SeriesTable', () => {
  it('keeps the last ticks of each series, and overwrites the oldest', () => {
    const table = new SeriesTable(NAMES)
    table.setIds(['a', 'b'], 0)
    for (let tick = 0; tick < RING_TICKS + 2; tick++) table.write(tick, [[tick, -tick]], ['inUse'])
    expect(read(table, 'a', RING_TICKS - 1, RING_TICKS + 1)).toEqual([299, 300, 301])
    expect(read(table, 'b', 2, 3)).toEqual([-2, -3])
  })
  it('holds unknown as NaN and zero as zero', () => {
    const table = new SeriesTable(NAMES)
    table.setIds(['a', 'b'], 0)
    table.write(0, [[null, 0]], ['inUse'])
    expect(read(table, 'a', 0, 0)).toEqual([Number.NaN])
    expect(read(table, 'b', 0, 0)).toEqual([0])
  })
  it('holds no number of a stale series, only that it is stale', () => {
    const table = new SeriesTable(NAMES)
    table.setIds(['a', 'b'], 0)
    table.write(
      0,
      [
        [7, 8],
        [1, 0],
      ],
      NAMES,
    )
    expect(read(table, 'a', 0, 0)).toEqual([Number.NaN])
    expect(read(table, 'b', 0, 0)).toEqual([8])
    const stale = new Float32Array(1)
    table.read('a', 'stale', 0, 0, stale)
    expect(stale[0]).toBe(1)
  })
  it('passes over columns of the wire that it does not know', () => {
    const table = new SeriesTable(NAMES)
    table.setIds(['a'], 0)
    table.write(0, [[5], [6]], ['later', 'inUse'])
    expect(read(table, 'a', 0, 0)).toEqual([6])
  })
  it('keeps the past of those that stay, move, and come back', () => {
    const table = new SeriesTable(NAMES)
    table.setIds(['a', 'b'], 0)
    table.write(0, [[1, 2]], ['inUse'])
    table.setIds(['b'], 0)
    table.write(1, [[3]], ['inUse'])
    table.setIds(['new', 'b', 'a'], 1)
    table.write(2, [[4, 5, 6]], ['inUse'])
    expect(read(table, 'a', 0, 2)).toEqual([1, Number.NaN, 6])
    expect(read(table, 'b', 0, 2)).toEqual([2, 3, 5])
    expect(read(table, 'new', 0, 2)).toEqual([Number.NaN, Number.NaN, 4])
  })
  it('gives the place of who is long gone to another, without its past', () => {
    const table = new SeriesTable(NAMES)
    table.setIds(['a'], 0)
    table.write(0, [[1]], ['inUse'])
    table.setIds([], 0)
    const later = RING_TICKS + 1
    for (let tick = 1; tick <= later; tick++) table.write(tick, [[]], ['inUse'])
    table.setIds(['b'], later)
    table.write(later, [[9]], ['inUse'])
    expect(read(table, 'b', later - 299, later).filter((value) => !Number.isNaN(value))).toEqual([9])
    expect(read(table, 'a', later, later)).toEqual([Number.NaN])
  })
  it('grows without losing anything', () => {
    const table = new SeriesTable(NAMES)
    const ids = Array.from({ length: 100 }, (_, index) => `pool-${index}`)
    for (let count = 1; count <= 100; count++) {
      table.setIds(ids.slice(0, count), count)
      table.write(count, [ids.slice(0, count).map((_, index) => index)], ['inUse'])
    }
    expect(read(table, 'pool-0', 1, 100)).toEqual(new Array(100).fill(0))
    expect(read(table, 'pool-40', 41, 100)).toEqual(new Array(60).fill(40))
    expect(read(table, 'pool-40', 40, 40)).toEqual([Number.NaN])
  })
})
