import { describe, expect, it } from 'vitest'
import { createFormatters } from './format.ts'

const en = createFormatters('en-GB', 'UTC')
const de = createFormatters('de-DE', 'Europe/Berlin')

describe('on an axis', () => {
  const axis = createFormatters('en-GB', 'UTC', true)
  it('writes round numbers round, and others in full', () => {
    expect([0, 0.5, 1, 2.5, 7.25, 50, 1000, 1500, 20_000].map(axis.formatMs)).toEqual(
      ['0 ms', '0.5 ms', '1 ms', '2.5 ms', '7.25 ms', '50 ms', '1 s', '1.5 s', '20 s'].map((text) =>
        text.replace(' ', '\u202f'),
      ),
    )
    expect([0.5, 2, 1000].map(axis.formatRate)).toEqual(['0.5/s', '2/s', '1,000/s'])
    expect([1_000_000, 1_500_000].map(axis.formatBytes)).toEqual(['1\u202fMB', '1.5\u202fMB'])
    expect(createFormatters('de-DE', 'UTC', true).formatMs(2.5)).toBe('2,5\u202fms')
  })
})

describe('formatBytes', () => {
  it('keeps three significant digits in decimal units', () => {
    expect([0, 812, 1500, 999_600, 12_345_678].map(en.formatBytes)).toEqual([
      '0\u202fB',
      '812\u202fB',
      '1.50\u202fkB',
      '1.00\u202fMB',
      '12.3\u202fMB',
    ])
    expect(en.formatBytes(null)).toBe('—')
  })
})

describe('formatMs', () => {
  it('keeps three significant digits below one second, and at most two decimals', () => {
    expect(en.formatMs(0.123)).toBe('0.12\u202fms')
    expect(en.formatMs(1.234)).toBe('1.23\u202fms')
    expect(en.formatMs(12.34)).toBe('12.3\u202fms')
    expect(en.formatMs(123.4)).toBe('123\u202fms')
  })
  it('changes the unit before rounding would need a fourth digit', () => {
    expect(en.formatMs(9.996)).toBe('10.0\u202fms')
    expect(en.formatMs(999.4)).toBe('999\u202fms')
    expect(en.formatMs(999.6)).toBe('1.0\u202fs')
    expect(en.formatMs(2140)).toBe('2.1\u202fs')
    expect(en.formatMs(59_990)).toBe('59.9\u202fs')
    expect(en.formatMs(552_000)).toBe('9\u202fmin 12\u202fs')
  })
  it('tells unknown from zero and from too small', () => {
    expect(en.formatMs(null)).toBe('—')
    expect(en.formatMs(Number.NaN)).toBe('—')
    expect(en.formatMs(0)).toBe('0\u202fms')
    expect(en.formatMs(0.001)).toBe('<0.01\u202fms')
  })
  it('writes decimals as the locale does', () => {
    expect(de.formatMs(1.234)).toBe('1,23\u202fms')
  })
})

describe('formatCount', () => {
  it('groups whole numbers', () => {
    expect(en.formatCount(1234)).toBe('1,234')
    expect(de.formatCount(1234)).toBe('1.234')
    expect(en.formatCount(0)).toBe('0')
    expect(en.formatCount(null)).toBe('—')
  })
})

describe('formatRate', () => {
  it('shows fewer decimals the larger the rate', () => {
    expect(en.formatRate(0.25)).toBe('0.25/s')
    expect(en.formatRate(3.21)).toBe('3.2/s')
    expect(en.formatRate(211.6)).toBe('212/s')
    expect(en.formatRate(0)).toBe('0/s')
    expect(en.formatRate(0.001)).toBe('<0.01/s')
    expect(en.formatRate(null)).toBe('—')
  })
})

describe('formatRatio', () => {
  it('never rounds up to full nor down to nothing', () => {
    expect(en.formatRatio(0.84)).toBe('84\u202f%')
    expect(en.formatRatio(1)).toBe('100\u202f%')
    expect(en.formatRatio(0.9996)).toBe('99.9\u202f%')
    expect(en.formatRatio(0.0001)).toBe('0.1\u202f%')
    expect(en.formatRatio(0)).toBe('0\u202f%')
    expect(en.formatRatio(null)).toBe('—')
  })
})

describe('formatAge', () => {
  it('names the two largest units and leaves out an empty second one', () => {
    expect(en.formatAge(400)).toBe('<1\u202fs')
    expect(en.formatAge(37_900)).toBe('37\u202fs')
    expect(en.formatAge(552_000)).toBe('9\u202fmin 12\u202fs')
    expect(en.formatAge(7_200_000)).toBe('2\u202fh')
    expect(en.formatAge(277_200_000)).toBe('3\u202fd 5\u202fh')
    expect(en.formatAge(null)).toBe('—')
    expect(en.formatAgeShort(552_000)).toBe('9\u202fmin')
  })
})

describe('formatTime', () => {
  it("is the wall clock of the viewer's zone, 24 hours", () => {
    // 2026-01-05T23:03:11Z is 00:03:11 in Berlin's winter.
    const at = Date.UTC(2026, 0, 5, 23, 3, 11)
    expect(en.formatTime(at)).toBe('23:03:11')
    expect(de.formatTime(at)).toBe('00:03:11')
    expect(en.formatDateTime(at)).toContain('UTC')
    expect(en.timeZoneName(at)).toBe('UTC')
    expect(en.formatTime(null)).toBe('—')
  })
})
