import { describe, expect, it } from 'vitest'
import { linearScale } from './linear-scale.ts'

describe(linearScale, () => {
  it('goes from the domain to the range in a straight line, and on beyond both', () => {
    const toPx = linearScale().domain([0, 50]).range([180, 0])
    // 180 − 20 / 50 · 180 = 108; 180 − 60 / 50 · 180 = −36
    expect([0, 20, 50, 60].map((value) => toPx(value))).toEqual([180, 108, 0, -36])
  })

  it('puts a domain without width in the middle', () => {
    expect(linearScale().domain([7, 7]).range([0, 100])(7)).toBe(50)
  })

  it('answers a copy that later changes leave alone', () => {
    const first = linearScale().domain([0, 10]).range([0, 100])
    const second = first.copy()
    first.domain([0, 20])
    expect([first(10), second(10)]).toEqual([50, 100])
    expect(second.domain()).toEqual([0, 10])
    expect(second.range()).toEqual([0, 100])
  })
})
