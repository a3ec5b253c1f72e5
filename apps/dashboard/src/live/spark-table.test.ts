import { describe, expect, it } from 'vitest'
import { SPARK_POINTS, SPARK_STEP_MS, SparkTable } from './spark-table.ts'

function read(table: SparkTable, id: string): number[] {
  const into = new Float32Array(SPARK_POINTS)
  return table.read(id, into) ? [...into] : []
}
const fresh = [0]

describe('SparkTable', () => {
  it('shows the largest value of each five seconds', () => {
    const table = new SparkTable()
    for (const [second, value] of [3, 9, 4, 1, 2].entries()) {
      table.write(1_000_000 + second * 1000, ['a'], [value], fresh)
    }
    table.write(1_005_000, ['a'], [1], fresh)
    expect(read(table, 'a').slice(-2)).toEqual([9, 1])
  })
  it('joins history and live ticks without counting anything twice', () => {
    const table = new SparkTable()
    table.write(1_000_000, ['a'], [5], fresh)
    table.merge({
      fromMs: 0,
      toMs: 0,
      stepMs: SPARK_STEP_MS,
      atMs: [990_000, 995_000, 1_000_000],
      column: 'inUse',
      groups: { a: [1, null, 4] },
    })
    expect(read(table, 'a').slice(-3)).toEqual([1, Number.NaN, 5])
  })
  it('has another version with each point and with history, not with each tick', () => {
    const table = new SparkTable()
    table.write(1_000_000, ['a'], [5], fresh)
    const { version } = table
    table.write(1_001_000, ['a'], [9], fresh)
    expect(table.version).toBe(version)
    table.write(1_005_000, ['a'], [9], fresh)
    expect(table.version).toBe(version + 1)
  })
  it('leaves a gap where nothing came, and no value of a stale pool', () => {
    const table = new SparkTable()
    table.write(1_000_000, ['a'], [5], fresh)
    table.write(1_010_000, ['a'], [6], fresh)
    table.write(1_015_000, ['a'], [6], [1])
    expect(read(table, 'a').slice(-4)).toEqual([5, Number.NaN, 6, Number.NaN])
  })
  it('forgets what is older than its points, and who is gone', () => {
    const table = new SparkTable()
    table.write(1_000_000, ['a', 'b'], [5, 5], [0, 0])
    table.write(1_000_000 + SPARK_POINTS * SPARK_STEP_MS, ['a'], [6], fresh)
    table.keepOnly(['a'])
    expect(read(table, 'a').filter((value) => !Number.isNaN(value))).toEqual([6])
    expect(read(table, 'b')).toEqual([])
  })
})
