import { describe, expect, it } from 'vitest'
import { labelTimes } from './time-labels.ts'

const MINUTE_MS = 60_000

describe('labelTimes', () => {
  it('labels whole steps of the clock, as many as have room', () => {
    const endMs = 100 * MINUTE_MS + 30_000
    // 500 px have room for 5 labels of 84 px: 5 min in steps of at least 1 min.
    expect(labelTimes(endMs - 5 * MINUTE_MS, endMs, 500)).toEqual(
      [96, 97, 98, 99, 100].map((minute) => minute * MINUTE_MS),
    )
    // 180 px have room for 2, and 2 min is the longest step that is always seen twice.
    expect(labelTimes(endMs - 5 * MINUTE_MS, endMs, 180)).toEqual([96 * MINUTE_MS, 98 * MINUTE_MS])
  })
  it('waits with a label until it would not be cut at the edge', () => {
    const endMs = 100 * MINUTE_MS
    expect(labelTimes(endMs - 5 * MINUTE_MS, endMs, 500)).not.toContain(endMs)
    const later = endMs + 15_000
    expect(labelTimes(later - 5 * MINUTE_MS, later, 500)).toContain(endMs)
  })
})
