import { describe, expect, it } from 'vitest'
import { loadAt } from './rhythm.ts'

const DAY_MS = 240_000

describe(loadAt, () => {
  it('stays between night and full', () => {
    for (let ms = 0; ms < 3 * DAY_MS; ms += 100) {
      const load = loadAt(ms, DAY_MS)
      expect(load).toBeGreaterThanOrEqual(0.1)
      expect(load).toBeLessThanOrEqual(1)
    }
  })

  it('is full in the evening and calm at night', () => {
    // Opened at 0.4 of a day: evening is 0.4 later, the middle of the night 0.75 later.
    expect(loadAt(0.4 * DAY_MS, DAY_MS)).toBeCloseTo(1, 1)
    expect(loadAt(0.75 * DAY_MS, DAY_MS)).toBeLessThan(0.15)
  })

  it('repeats every day, of whatever length', () => {
    expect(loadAt(1234 + DAY_MS, DAY_MS)).toBeCloseTo(loadAt(1234, DAY_MS), 9)
    expect(loadAt(500, 1000)).toBeCloseTo(loadAt(5000, 10_000), 9)
  })
})
