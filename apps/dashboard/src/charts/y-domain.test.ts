import { describe, expect, it } from 'vitest'
import { niceTicks, YDomain } from './y-domain.ts'

describe('niceTicks', () => {
  it('labels at 1, 2 or 5 times a power of ten, and ends where the value fits', () => {
    expect(niceTicks(50, 'count')).toEqual([0, 20, 40, 60])
    expect(niceTicks(100, 'ms')).toEqual([0, 50, 100])
    expect(niceTicks(101, 'ms')).toEqual([0, 50, 100, 150])
    expect(niceTicks(0.3, 'rate')).toEqual([0, 0.1, 0.2, 0.3])
  })
  it('labels counts at whole numbers alone', () => {
    expect(niceTicks(1, 'count')).toEqual([0, 1])
    expect(niceTicks(3, 'count')).toEqual([0, 1, 2, 3])
  })
  it('has an axis for nothing at all', () => {
    expect(niceTicks(0, 'count')).toEqual([0, 1])
    expect(niceTicks(Number.NaN, 'count')).toEqual([0, 1])
  })
})

describe('YDomain', () => {
  it('grows at once', () => {
    const domain = new YDomain('count', 4)
    expect(domain.update(3, 0)).toBe(false)
    expect(domain.update(5, 1000)).toBe(true)
    expect(domain.top).toBe(6)
  })
  it('shrinks only after half a minute of smaller values', () => {
    const domain = new YDomain('count', 4)
    domain.update(90, 0)
    expect(domain.update(10, 1000)).toBe(false)
    domain.update(95, 20_000)
    expect(domain.update(10, 40_000)).toBe(false)
    expect(domain.update(10, 69_000)).toBe(false)
    expect(domain.update(10, 70_000)).toBe(true)
    expect(domain.top).toBe(10)
  })
  it('never ends below the least that was asked for', () => {
    const domain = new YDomain('ms', 10)
    domain.update(0, 0)
    expect(domain.top).toBe(10)
  })
})
