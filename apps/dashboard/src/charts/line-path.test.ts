import { describe, expect, it } from 'vitest'
import { areaPath, BREAK, bandPath, gapPath, linePath, PointTexts, pickSamples } from './line-path.ts'

const plot = (width: number) => ({ left: 0, width, startMs: 0, pxPerMs: width / 10_000, maxGapMs: 2500 })

function pick(values: readonly number[], width: number, times = values.map((_, index) => index * 1000)) {
  const into = new Int32Array(values.length * 3)
  const count = pickSamples(Float64Array.from(times), Float32Array.from(values), plot(width), into)
  return [...into.subarray(0, count)]
}
const text = (index: number) => `${index * 10} ${index} `

describe('pickSamples', () => {
  it('takes every sample where there is a pixel for each', () => {
    expect(pick([1, 2, 3], 100)).toEqual([0, 1, 2])
  })
  it('breaks at what is not known, once, and neither before the first nor after the last', () => {
    const unknown = Number.NaN
    expect(pick([unknown, 1, unknown, unknown, 2, unknown], 100)).toEqual([1, BREAK, 4])
  })
  it('breaks where ticks are missing, and bridges one that was skipped', () => {
    expect(pick([1, 2, 3, 4], 100, [0, 1000, 3000, 6000])).toEqual([0, 1, 2, BREAK, 3])
  })
  it('leaves out what lies before the plot or has no time', () => {
    expect(pick([1, 2, 3], 100, [Number.NaN, -500, 400])).toEqual([2])
  })
  it('keeps a spike of one sample, and its order, where samples are denser than pixels', () => {
    const values = Array.from({ length: 1000 }, () => 1)
    values[437] = 99
    values[438] = 0
    const times = values.map((_, index) => index * 10)
    const picked = pick(values, 50, times)
    expect(picked).toContain(437)
    expect(picked).toContain(438)
    expect(picked.indexOf(437)).toBeLessThan(picked.indexOf(438))
    // At most the smallest and the largest of each of the 50 pixel columns.
    expect(picked.length).toBeLessThanOrEqual(100)
    expect(picked).toEqual(picked.toSorted((a, b) => a - b))
  })
  it('keeps gaps where samples are denser than pixels', () => {
    const values = Array.from({ length: 100 }, (_, index) => (index > 40 && index < 60 ? Number.NaN : 5))
    const picked = pick(
      values,
      20,
      values.map((_, index) => index * 100),
    )
    expect(picked.filter((index) => index === BREAK)).toHaveLength(1)
  })
})

describe('linePath', () => {
  it('is one run a stretch of known samples, and a dot for one alone', () => {
    const picked = Int32Array.from([0, 1, BREAK, 3])
    expect(linePath(picked, 4, text)).toBe('M0 0 10 1 M30 3 h2')
  })
  it('is empty when nothing is known', () => {
    expect(linePath(new Int32Array(0), 0, text)).toBe('')
  })
})

describe('areaPath', () => {
  it('closes each run at zero, and makes a bar of a sample alone', () => {
    const picked = Int32Array.from([0, 1, BREAK, 3])
    expect(areaPath(picked, 4, text, 90)).toBe('M0 0 10 1 V90H0ZM30 3 h2V90H30Z')
  })
})

describe('PointTexts', () => {
  it('writes a point again only when its time or value changed', () => {
    const texts = new PointTexts({ anchorMs: 1000, pxPerMs: 0.01, zeroY: 100, pxPerUnit: 2 }, 3)
    // x = (2000 - 1000) · 0.01, y = 100 - 5.5 · 2
    expect(texts.at(4, 2000, 5.5)).toBe('10 89 ')
    expect(texts.at(4, 2000, 6)).toBe('10 88 ')
    expect(texts.at(7, 5000, 0)).toBe('40 100 ')
    expect(texts.at(4, 2000, 6)).toBe('10 88 ')
  })
})

describe('bandPath', () => {
  const text = (y: number) => (index: number) => `${index} ${y} `
  it('goes along the upper line and back along the lower one, once for each run', () => {
    const picked = Int32Array.from([0, 1, BREAK, 4, 5])
    expect(bandPath(picked, 5, text(10), text(20))).toBe('M0 10 1 10 L1 20 0 20 ZM4 10 5 10 L5 20 4 20 Z')
  })
  it('is a narrow bar where a sample stands alone, and nothing where there is none', () => {
    expect(bandPath(Int32Array.from([3]), 1, text(10), text(20))).toBe('M3 10h2V20H3Z')
    expect(bandPath(new Int32Array(0), 0, text(10), text(20))).toBe('')
  })
})

describe('gapPath', () => {
  const bands = (times: readonly number[], stale: readonly number[]) =>
    gapPath(Float64Array.from(times), Float32Array.from(stale), plot(100), times.at(-1) as number, 0, 50)
  it('marks what lies between two fresh samples, but nothing before the first', () => {
    const unknown = Number.NaN
    // 100 px are 10 s: from 2 s to 6 s is 20 px to 60 px.
    expect(bands([0, 1000, 2000, 3000, 4000, 5000, 6000], [unknown, 0, 0, unknown, 1, 1, 0])).toBe(
      'M20 0H60V50H20Z',
    )
  })
  it('marks what lies between the last fresh sample and now', () => {
    expect(bands([0, 1000, 2000, 3000, 4000], [0, 0, 1, 1, 1])).toBe('M10 0H40V50H10Z')
  })
  it('marks nothing when all is there, or when nothing ever was', () => {
    expect(bands([0, 1000, 2000], [0, 0, 0])).toBe('')
    expect(bands([0, 1000, 2000], [1, 1, 1])).toBe('')
  })
})
