import { describe, expect, it } from 'vitest'
import {
  DEFAULT_RANGE,
  fixedRange,
  formatRange,
  LEAST_SPAN_MS,
  liveRange,
  MOST_SPAN_MS,
  PRESETS,
  parseRange,
  shiftRange,
  spanOf,
  type TimeRange,
  windowOf,
  withoutTime,
  withTimeOf,
  zoomIn,
  zoomOut,
} from './time-range.ts'

const HOUR = 3_600_000
const NOW = Date.UTC(2026, 10, 21, 12, 0, 0)

const searchOf = (range: TimeRange) => {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(formatRange(range))) if (value !== null) params.set(name, value)
  return params.toString()
}

describe('parseRange', () => {
  it('shows the last five minutes until told otherwise', () => {
    expect(parseRange('')).toEqual(DEFAULT_RANGE)
    expect(parseRange('?q=orders')).toEqual({ kind: 'live', spanMs: 300_000 })
  })
  it('reads a length before now, also as other tools write it', () => {
    expect(parseRange('?from=-1h')).toEqual({ kind: 'live', spanMs: HOUR })
    expect(parseRange('?from=now-90s&to=now')).toEqual({ kind: 'live', spanMs: 90_000 })
    expect(parseRange('?from=-2w')).toEqual({ kind: 'live', spanMs: 14 * 24 * HOUR })
    // 1.5 h = 90 min
    expect(parseRange('?from=-1.5h')).toEqual({ kind: 'live', spanMs: 90 * 60_000 })
  })
  it('reads two moments, in ms or by ISO 8601', () => {
    const range = { kind: 'fixed', fromMs: NOW - HOUR, toMs: NOW }
    expect(parseRange(`?from=${NOW - HOUR}&to=${NOW}`)).toEqual(range)
    expect(parseRange('?from=2026-11-21T11:00:00Z&to=2026-11-21T13:00%2B01:00')).toEqual(range)
  })
  it.each([
    '?from=yesterday',
    '?from=-1',
    '?from=-1q',
    '?from=1h',
    '?from=',
    `?from=${NOW}`,
    `?from=${NOW}&to=${NOW}`,
    `?from=${NOW}&to=${NOW - 1}`,
    '?from=-6h&to=-1h',
    '?from=2026-99-99&to=2026-11-21',
    '?from=12&to=13',
  ])('takes the default for what makes no sense: %s', (search) => {
    expect(parseRange(search)).toEqual(DEFAULT_RANGE)
  })
  it('brings what is too short or too long to the nearest that is not', () => {
    expect(parseRange('?from=-1s')).toEqual({ kind: 'live', spanMs: LEAST_SPAN_MS })
    expect(parseRange('?from=-9y')).toEqual({ kind: 'live', spanMs: MOST_SPAN_MS })
    // 2 s grow to 10 s around the same middle: 4 s more on each side.
    expect(parseRange(`?from=${NOW}&to=${NOW + 2000}`)).toEqual({
      kind: 'fixed',
      fromMs: NOW - 4000,
      toMs: NOW + 6000,
    })
  })
})

describe('formatRange', () => {
  it('leaves the default out and writes the largest unit that divides a length', () => {
    expect(formatRange(DEFAULT_RANGE)).toEqual({ from: null, to: null })
    expect(PRESETS.map(({ spanMs }) => formatRange(liveRange(spanMs)).from)).toEqual([
      null,
      '-15m',
      '-1h',
      '-6h',
      '-1d',
      '-7d',
      '-30d',
      '-1y',
    ])
    expect(formatRange(liveRange(90_000)).from).toBe('-90s')
  })
  it('is read back as it was, whatever the range', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const random = (n: number) => ((seed * 7919 * (n + 3)) % 10_007) / 10_007
      const spanMs = LEAST_SPAN_MS + random(1) ** 4 * (MOST_SPAN_MS - LEAST_SPAN_MS)
      const fromMs = NOW - random(2) * MOST_SPAN_MS
      for (const range of [liveRange(spanMs), fixedRange(fromMs, fromMs + spanMs)]) {
        expect(parseRange(searchOf(range))).toEqual(range)
      }
    }
  })
})

describe('shiftRange', () => {
  const past = fixedRange(NOW - 10 * HOUR, NOW - 8 * HOUR)
  it('goes half a range earlier, and from now leaves what is live', () => {
    expect(shiftRange(past, -1, NOW)).toEqual(fixedRange(NOW - 11 * HOUR, NOW - 9 * HOUR))
    expect(shiftRange(liveRange(2 * HOUR), -1, NOW)).toEqual(fixedRange(NOW - 3 * HOUR, NOW - HOUR))
  })
  it('comes back, and follows now once it would reach past it', () => {
    expect(shiftRange(past, 1, NOW)).toEqual(fixedRange(NOW - 9 * HOUR, NOW - 7 * HOUR))
    expect(shiftRange(fixedRange(NOW - 3 * HOUR, NOW - HOUR), 1, NOW)).toEqual(liveRange(2 * HOUR))
    expect(shiftRange(liveRange(HOUR), 1, NOW)).toEqual(liveRange(HOUR))
  })
})

describe('zoomOut', () => {
  it('doubles the time around its middle, but never past now', () => {
    expect(zoomOut(fixedRange(NOW - 10 * HOUR, NOW - 8 * HOUR), NOW)).toEqual(
      fixedRange(NOW - 11 * HOUR, NOW - 7 * HOUR),
    )
    expect(zoomOut(fixedRange(NOW - 2 * HOUR, NOW), NOW)).toEqual(fixedRange(NOW - 4 * HOUR, NOW))
  })
  it('takes the next longer preset of what is live, up to the longest', () => {
    expect(zoomOut(DEFAULT_RANGE, NOW)).toEqual(liveRange(900_000))
    expect(zoomOut(liveRange(MOST_SPAN_MS), NOW)).toEqual(liveRange(MOST_SPAN_MS))
  })
})

describe('zoomIn', () => {
  it('halves the time around a moment, within what was shown', () => {
    const range = fixedRange(NOW - 8 * HOUR, NOW - 4 * HOUR)
    expect(zoomIn(range, NOW, null)).toEqual(fixedRange(NOW - 7 * HOUR, NOW - 5 * HOUR))
    expect(zoomIn(range, NOW, NOW - 8 * HOUR)).toEqual(fixedRange(NOW - 8 * HOUR, NOW - 6 * HOUR))
    expect(spanOf(zoomIn(fixedRange(NOW - LEAST_SPAN_MS, NOW), NOW, null))).toBe(LEAST_SPAN_MS)
  })
  it('takes the next shorter preset of what is live, or stops at the moment', () => {
    expect(zoomIn(liveRange(HOUR), NOW, null)).toEqual(liveRange(900_000))
    expect(zoomIn(liveRange(HOUR), NOW, NOW - HOUR / 2)).toEqual(
      fixedRange(NOW - 0.75 * HOUR, NOW - 0.25 * HOUR),
    )
  })
})

describe('windowOf', () => {
  it('ends what is live now', () => {
    expect(windowOf(liveRange(HOUR), NOW)).toEqual({ fromMs: NOW - HOUR, toMs: NOW })
  })
})

describe('withTimeOf', () => {
  it('carries the time into a link, unless that names one', () => {
    expect(withTimeOf('?q=x&from=-1h', '/pools/a')).toBe('/pools/a?from=-1h')
    expect(withTimeOf('?from=-1h', '/fleet?q=service:a')).toBe('/fleet?q=service:a&from=-1h')
    expect(withTimeOf('?from=-1h', '/pools/a?from=-6h')).toBe('/pools/a?from=-6h')
    expect(withTimeOf('', '/fleet')).toBe('/fleet')
  })
})

describe('withoutTime', () => {
  it('leaves the rest of a query', () => {
    expect(withoutTime('q=a&from=1&to=2&sort=-used')).toBe('q=a&sort=-used')
  })
})
