import { describe, expect, it } from 'vitest'
import { DayWindow } from './day-window.ts'

const STEP_MS = 300_000
const make = () => new DayWindow({ low: 'least', high: 'most', usual: 'mean' })
const all = (value: number | null) => ({ low: value, high: value, usual: value })
const rows = (window: ReturnType<typeof make>, column: 'low' | 'high' | 'usual') =>
  Array.from({ length: window.length }, (_, i) => window.at(column, i))

describe(DayWindow, () => {
  it('folds the samples of a step, each column its own way', () => {
    const window = make()
    for (const value of [4, 1, 7]) window.add(0, all(value))
    expect(window.length).toBe(0)
    window.add(STEP_MS, all(0))
    expect(window.length).toBe(1)
    // (4 + 1 + 7) / 3
    expect([window.at('low', 0), window.at('high', 0), window.at('usual', 0)]).toEqual([1, 7, 4])
  })

  it('leaves a gap where nothing came, or nothing was known', () => {
    const window = make()
    window.add(0, all(1))
    window.add(2 * STEP_MS, all(null))
    window.add(3 * STEP_MS, all(3))
    expect(rows(window, 'high')).toEqual([1, null, null])
  })

  it('keeps a day and no more', () => {
    const window = make()
    for (let step = 0; step <= 300; step++) window.add(step * STEP_MS, all(step))
    expect(window.length).toBe(288)
    expect(window.at('high', 0)).toBe(12)
    expect(window.at('high', 287)).toBe(299)
    expect(window.at('high', 288)).toBeNull()
  })

  it('begins anew when the clock goes back, or leaps more than a day', () => {
    for (const then of [0, 2000 * STEP_MS]) {
      const window = make()
      window.add(500 * STEP_MS, all(1))
      window.add(501 * STEP_MS, all(1))
      window.add(then, all(1))
      expect(window.length).toBe(0)
    }
  })

  it('begins from what was stored, and keeps to what it saw itself', () => {
    const stored = (fromStep: number, ...values: number[]) => {
      const column = () => Float64Array.from(values)
      return { fromStep, columns: { low: column(), high: column(), usual: column() } }
    }
    const late = make()
    late.add(500 * STEP_MS, all(1))
    late.add(501 * STEP_MS, all(1))
    // Step 499 was stored as not known, and 500 was seen.
    late.recall(stored(497, 7, 8, Number.NaN, 9))
    expect(rows(late, 'high')).toEqual([7, 8, null, 1])
    const early = make()
    early.recall(stored(497, 7, 8, 9))
    early.add(501 * STEP_MS, all(1))
    expect(rows(early, 'high')).toEqual([7, 8, 9, null])
    const long = make()
    long.add(600 * STEP_MS, all(1))
    long.recall(stored(300, ...Array.from({ length: 300 }, (_, i) => i)))
    expect([long.length, long.at('high', 0), long.at('high', 287)]).toEqual([288, 12, 299])
  })
})
