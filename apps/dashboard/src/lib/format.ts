import { currentZone } from './time-zone.ts'

/** What stands for a number that is not known. A measured zero is written as 0. */
export const UNKNOWN = '—'

/** Narrow no-break space: a number never parts from its unit at the end of a line. */
const THIN = '\u202f'

type Known = number | null | undefined

/** The formatters of one locale and time zone. */
export type Formatters = {
  formatMs: (ms: Known) => string
  formatCount: (count: Known) => string
  formatRate: (perSec: Known) => string
  formatRatio: (ratio: Known) => string
  formatBytes: (bytes: Known) => string
  formatAge: (ms: Known) => string
  formatAgeShort: (ms: Known) => string
  formatTime: (epochMs: Known) => string
  formatMinute: (epochMs: Known) => string
  formatDay: (epochMs: Known) => string
  formatMonth: (epochMs: Known) => string
  formatMean: (count: Known) => string
  formatDateTime: (epochMs: Known) => string
  timeZoneName: (epochMs: number) => string
}

/** Makes a value when it is first asked for: an `Intl` formatter costs more than the first paint can spare. */
function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

function isKnown(value: Known): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

/** How many decimals, at most so many, a number needs. */
function decimalsOf(value: number, most: 0 | 1 | 2): 0 | 1 | 2 {
  const hundredths = Math.round(value * 10 ** most) * 10 ** (2 - most)
  return hundredths % 100 === 0 ? 0 : hundredths % 10 === 0 ? 1 : 2
}

type Separators = { group: string; decimal: string }

/**
 * How a locale separates thousands and decimals; null where it does more than that, such as other digits or groups
 * of two. Asking once and writing numbers by it takes a tenth of what a formatter for each number of decimals does.
 */
function separatorsOf(locale: string | undefined): Separators | null {
  const format = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  const parts = (value: number) => format.formatToParts(value)
  const text = (value: number, type: Intl.NumberFormatPartTypes) =>
    parts(value)
      .filter((part) => part.type === type)
      .map((part) => part.value)
  const [group] = text(1234.5, 'group')
  const [decimal] = text(1234.5, 'decimal')
  const plain = text(1_234_567.8, 'integer').join(' ') === '1 234 567' && text(0.5, 'fraction').join() === '5'
  return group === undefined || decimal === undefined || !plain ? null : { group, decimal }
}

function write(value: number, digits: number, { group, decimal }: Separators): string {
  const [integer = '', fraction] = value.toFixed(digits).split('.')
  const grouped = integer.length > 3 ? integer.replace(/\B(?=(\d{3})+$)/g, group) : integer
  return fraction === undefined ? grouped : `${grouped}${decimal}${fraction}`
}

/**
 * The formatters for a locale and zone; both default to the viewer's own.
 * @param locale BCP 47 tag
 * @param timeZone IANA name
 * @param round true writes round numbers round, `50 ms` rather than `50.0 ms`: where nothing is measured, as on an axis
 * @throws {RangeError} on first use, when the locale or the zone is not a valid name
 */
export function createFormatters(locale?: string, timeZone?: string, round = false): Formatters {
  const decimals = [0, 1, 2].map((digits) =>
    once(
      () => new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
    ),
  )
  const zone = timeZone === undefined ? {} : { timeZone }
  const dates = (options: Intl.DateTimeFormatOptions) => {
    const format = once(() => new Intl.DateTimeFormat(locale, { ...options, hourCycle: 'h23', ...zone }))
    return (epochMs: Known) => (isKnown(epochMs) ? format().format(epochMs) : UNKNOWN)
  }
  const dateTime = once(
    () =>
      new Intl.DateTimeFormat(locale, {
        year: 'numeric',
        month: 'short',
        day: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        hourCycle: 'h23',
        timeZoneName: 'short',
        ...zone,
      }),
  )
  const separators = once(() => separatorsOf(locale))
  const fixed = (value: number, most: 0 | 1 | 2) => {
    const digits = round ? decimalsOf(value, most) : most
    const known = separators()
    if (known !== null && value >= 0 && value < 1e15) return write(value, digits, known)
    return decimals[digits]?.().format(value) ?? String(value)
  }
  /** Three significant digits, but never more than two decimals. */
  const digits3 = (value: number) => fixed(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0)

  function formatMs(ms: Known): string {
    if (!isKnown(ms)) return UNKNOWN
    if (ms < 0) return `−${formatMs(-ms)}`
    if (ms === 0) return `0${THIN}ms`
    if (ms < 0.005) return `<${fixed(0.01, 2)}${THIN}ms`
    if (ms < 999.5) return `${digits3(ms)}${THIN}ms`
    if (ms < 60_000) return `${fixed(Math.min(ms / 1000, 59.9), 1)}${THIN}s`
    return formatAge(ms)
  }

  function formatAge(ms: Known, units = 2): string {
    if (!isKnown(ms)) return UNKNOWN
    if (ms < 1000) return `<1${THIN}s`
    const seconds = Math.floor(ms / 1000)
    const parts: [number, string][] = [
      [Math.floor(seconds / 86_400), 'd'],
      [Math.floor(seconds / 3600) % 24, 'h'],
      [Math.floor(seconds / 60) % 60, 'min'],
      [seconds % 60, 's'],
    ]
    const first = parts.findIndex(([value]) => value > 0)
    return parts
      .slice(first, first + units)
      .filter(([value], index) => index === 0 || value > 0)
      .map(([value, unit]) => `${fixed(value, 0)}${THIN}${unit}`)
      .join(' ')
  }

  function formatRate(perSec: Known): string {
    if (!isKnown(perSec)) return UNKNOWN
    if (perSec === 0) return '0/s'
    if (perSec < 0.005) return `<${fixed(0.01, 2)}/s`
    return `${fixed(perSec, perSec < 0.995 ? 2 : perSec < 9.95 ? 1 : 0)}/s`
  }

  function formatRatio(ratio: Known): string {
    if (!isKnown(ratio)) return UNKNOWN
    const percent = ratio * 100
    // 99.6 % must not read as full, nor 0.4 % as nothing.
    const near = (percent > 99 && percent < 100) || (percent > 0 && percent < 1)
    const shown = near ? Math.min(99.9, Math.max(0.1, percent)) : percent
    return `${fixed(shown, near ? 1 : 0)}${THIN}%`
  }

  function formatBytes(bytes: Known): string {
    if (!isKnown(bytes)) return UNKNOWN
    const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
    let value = bytes
    let unit = 0
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1000
      unit += 1
    }
    return `${unit === 0 ? fixed(value, 0) : digits3(value)}${THIN}${units[unit]}`
  }

  const zoneName = (epochMs: number) =>
    dateTime()
      .formatToParts(epochMs)
      .find((part) => part.type === 'timeZoneName')?.value ?? dateTime().resolvedOptions().timeZone

  return {
    formatMs,
    formatAge: (ms) => formatAge(ms),
    formatAgeShort: (ms) => formatAge(ms, 1),
    formatRate,
    formatRatio,
    formatBytes,
    formatCount: (count) => (isKnown(count) ? fixed(Math.round(count), 0) : UNKNOWN),
    formatMean: (count) =>
      isKnown(count) ? fixed(count, count < 99.95 && count % 1 !== 0 ? 1 : 0) : UNKNOWN,
    formatTime: dates({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    formatMinute: dates({ hour: '2-digit', minute: '2-digit' }),
    formatDay: dates({ month: 'short', day: 'numeric' }),
    formatMonth: dates({ year: 'numeric', month: 'short' }),
    formatDateTime: (epochMs) => (isKnown(epochMs) ? dateTime().format(epochMs) : UNKNOWN),
    timeZoneName: zoneName,
  }
}

const viewer = createFormatters()

/** The same for numbers that nobody measured, as those of an axis: `50 ms`, where a measured value is `50.0 ms`. */
export const roundFormatters = createFormatters(undefined, undefined, true)
const utc = once(() => createFormatters(undefined, 'UTC'))

/** The formatters of the zone that the viewer chose. */
const zoned = () => (currentZone() === 'utc' ? utc() : viewer)

/**
 * A duration: ms with three significant digits and at most two decimals below one second, seconds
 * with one decimal below one minute, then as {@link formatAge}. Null is an em dash.
 */
export const formatMs = viewer.formatMs

/** A count as a whole number, grouped as the viewer's locale does. Null is an em dash. */
export const formatCount = viewer.formatCount

/** A rate per second: `0.25/s`, `3.2/s`, `212/s`. Null is an em dash, exactly zero is `0/s`. */
export const formatRate = viewer.formatRate

/** A ratio of 0 to 1 as a percentage; what is not full never reads 100 %. Null is an em dash. */
export const formatRatio = viewer.formatRatio

/** A size in decimal units with three significant digits: `812 B`, `1.5 MB`. Null is an em dash. */
export const formatBytes = viewer.formatBytes

/** How long something lasts, in its two largest units: `37 s`, `9 min 12 s`, `2 h 5 min`. */
export const formatAge = viewer.formatAge

/** How long something lasts, in its largest unit, rounded down: for narrow cells. */
export const formatAgeShort = viewer.formatAgeShort

/** A mean of counts with one decimal, where it has one. Null is an em dash. */
export const formatMean = viewer.formatMean

/** A moment as hour and minute in the zone in force, `14:03`. */
export const formatMinute = (epochMs: Known): string => zoned().formatMinute(epochMs)

/** The day of a moment in the zone in force, without its year: `21 Nov`. */
export const formatDay = (epochMs: Known): string => zoned().formatDay(epochMs)

/** The month of a moment in the zone in force, `Nov 2026`. */
export const formatMonth = (epochMs: Known): string => zoned().formatMonth(epochMs)

/** A moment as wall clock in the zone in force, `14:03:11`. Show {@link timeZoneName} next to it. */
export const formatTime = (epochMs: Known): string => zoned().formatTime(epochMs)

/** A moment with its date and zone, for places where the day matters. */
export const formatDateTime = (epochMs: Known): string => zoned().formatDateTime(epochMs)

/** The short name of the zone in force at a moment, such as `UTC` or `GMT+2`. */
export const timeZoneName = (epochMs: number): string => zoned().timeZoneName(epochMs)
