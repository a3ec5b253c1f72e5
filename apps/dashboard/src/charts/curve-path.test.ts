import { describe, expect, it } from 'vitest'
import { curveAreaPath, curveLinePath, wholeTicks } from './curve-path.ts'

/** Ten px a size to the right, one px a ms up from 100. */
const plot = { x: (value: number) => value * 10, y: (value: number) => 100 - value }
const points = [
  { x: 1, values: { p95: 50, low: 40, high: 60 } },
  { x: 2, values: { p95: null, low: null, high: 30 } },
  { x: 3, values: { p95: 7.25, low: 5, high: 10 } },
  { x: 4, values: { p95: 0, low: 0, high: 0 } },
]

describe(curveLinePath, () => {
  it('leaves a gap where nothing is known', () => {
    expect(curveLinePath(points, 'p95', plot)).toBe('M10 50M30 92.8L40 100')
    expect(curveLinePath(points, 'absent', plot)).toBe('')
  })

  it('draws what is far above the plot no further than a path can go', () => {
    expect(curveLinePath([{ x: 1, values: { p95: 1e12 } }], 'p95', plot)).toBe('M10 -10000')
  })
})

describe(curveAreaPath, () => {
  it('goes along the upper edge and back along the lower one, run by run', () => {
    const band = { lowKey: 'low', highKey: 'high', label: 'band', color: 'red' }
    expect(curveAreaPath(points, band, plot)).toBe('M10 40L10 60ZM30 90L40 100L40 100L30 95Z')
  })
})

describe(wholeTicks, () => {
  it('takes every size of a few, and steps through many', () => {
    expect(wholeTicks(1, 4)).toEqual([1, 2, 3, 4])
    // 63 sizes in at most eight steps: 8 at a time
    expect(wholeTicks(1, 64)).toEqual([1, 9, 17, 25, 33, 41, 49, 57])
  })
})
