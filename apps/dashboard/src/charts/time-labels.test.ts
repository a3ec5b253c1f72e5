import { afterEach, describe, expect, it } from 'vitest'
import { chooseZone } from '../lib/time-zone.ts'
import { labelTimes as labelled, labelText } from './time-labels.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

const labelTimes = (...args: Parameters<typeof labelled>) => [...labelled(...args).times]
const textsOf = (...args: Parameters<typeof labelled>) => {
  const { times, step } = labelled(...args)
  return times.map((atMs) => labelText(atMs, step))
}

afterEach(() => chooseZone('local'))

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
  it('writes as much as tells the labels apart, in the zone in force', () => {
    chooseZone('utc')
    const noon = Date.UTC(2026, 10, 21, 12)
    expect(textsOf(noon - 40_000, noon, 500)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^11.59.50$/)]),
    )
    expect(textsOf(noon - 60 * MINUTE_MS, noon, 500)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^11.30$/)]),
    )
    // 24 h in steps of 6 h: midnight is its day.
    expect(textsOf(noon - DAY_MS, noon, 400)[2]).toMatch(/21/)
    expect(textsOf(noon - 7 * DAY_MS, noon, 900).every((text) => /Nov/.test(text))).toBe(true)
  })
  it('stands on the first of a month where a year is shown', () => {
    chooseZone('utc')
    const times = labelTimes(Date.UTC(2025, 10, 21), Date.UTC(2026, 10, 21), 600)
    expect(times.length).toBeGreaterThan(3)
    for (const atMs of times) expect(new Date(atMs).getUTCDate()).toBe(1)
  })
  it('never has more labels than have room, at any length', () => {
    for (let spanMs = 10_000; spanMs < 366 * DAY_MS; spanMs *= 1.37) {
      const count = labelTimes(1_700_000_000_000 - spanMs, 1_700_000_000_000, 420).length
      expect(count, String(spanMs)).toBeLessThanOrEqual(6)
      expect(count, String(spanMs)).toBeGreaterThanOrEqual(1)
    }
  })
})
