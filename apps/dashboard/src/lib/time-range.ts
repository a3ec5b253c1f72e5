import { readableQuery } from './query-state.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY

/** The time that the charts show: the last `spanMs` and on, or from one moment to another (epoch ms). */
export type TimeRange =
  | { readonly kind: 'live'; readonly spanMs: number }
  | { readonly kind: 'fixed'; readonly fromMs: number; readonly toMs: number }

/** What one can choose without typing, shortest first. */
export const PRESETS = [
  { spanMs: 5 * MINUTE, name: '5 min' },
  { spanMs: 15 * MINUTE, name: '15 min' },
  { spanMs: HOUR, name: '1 h' },
  { spanMs: 6 * HOUR, name: '6 h' },
  { spanMs: DAY, name: '24 h' },
  { spanMs: 7 * DAY, name: '7 d' },
  { spanMs: 30 * DAY, name: '30 d' },
  { spanMs: YEAR, name: '1 y' },
] as const

/** What a page shows until told otherwise: what the live stream brings by itself. */
const DEFAULT_SPAN_MS = PRESETS[0].spanMs
/** Less than this holds too few ticks to be a chart, ms. */
export const LEAST_SPAN_MS = 10 * SECOND
/** More than this is kept nowhere, ms. */
export const MOST_SPAN_MS = YEAR

/** The five minutes that a page shows until told otherwise. */
export const DEFAULT_RANGE: TimeRange = { kind: 'live', spanMs: DEFAULT_SPAN_MS }

const UNITS: readonly (readonly [string, number])[] = [
  ['y', YEAR],
  ['w', 7 * DAY],
  ['d', DAY],
  ['h', HOUR],
  ['m', MINUTE],
  ['s', SECOND],
]

const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value))
const clampSpan = (spanMs: number) => clamp(spanMs, LEAST_SPAN_MS, MOST_SPAN_MS)

/** A length before now as it stands in an address: the largest unit that divides it, `-90s`, `-6h`, `-30d`. */
function formatSpan(spanMs: number): string {
  const seconds = Math.round(spanMs / SECOND) * SECOND
  // Days up to a month read better than weeks; a week is understood, and never written.
  const unit = UNITS.find(([name, ms]) => name !== 'w' && seconds % ms === 0) ?? ['s', SECOND]
  return `-${seconds / unit[1]}${unit[0]}`
}

/** `-15m`, or `now-15m` as other tools write it; null for anything else. */
function parseSpan(text: string): number | null {
  const found = /^(?:now)?-(\d+(?:\.\d+)?)([smhdwy])$/.exec(text.trim())
  const unit = UNITS.find(([name]) => name === found?.[2])
  return found === null || unit === undefined ? null : Number(found[1]) * unit[1]
}

/** Epoch ms, or a date and time by ISO 8601; null for anything else. */
function parseMoment(text: string): number | null {
  if (/^\d{9,16}$/.test(text)) return Number(text)
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? null : ms
}

/**
 * Reads the time range of an address. What makes no sense is the default, never an error; what is too
 * short or too long is brought to the nearest that is not.
 * @param search the part behind the question mark
 * @example parseRange('?from=-1h') // { kind: 'live', spanMs: 3600000 }
 */
export function parseRange(search: string): TimeRange {
  const params = new URLSearchParams(search)
  const from = params.get('from')
  const to = params.get('to')
  if (from === null) return DEFAULT_RANGE
  const spanMs = parseSpan(from)
  if (spanMs !== null) return to === null || to === 'now' ? liveRange(spanMs) : DEFAULT_RANGE
  const fromMs = parseMoment(from)
  const toMs = to === null ? null : parseMoment(to)
  return fromMs === null || toMs === null || toMs <= fromMs ? DEFAULT_RANGE : fixedRange(fromMs, toMs)
}

/** The time range as it stands in an address; both null for the default. */
export function formatRange(range: TimeRange): { from: string | null; to: string | null } {
  if (range.kind === 'fixed') return { from: String(range.fromMs), to: String(range.toMs) }
  return { from: range.spanMs === DEFAULT_SPAN_MS ? null : formatSpan(range.spanMs), to: null }
}

/** The last `spanMs` and on, brought to whole seconds. */
export function liveRange(spanMs: number): TimeRange {
  return { kind: 'live', spanMs: clampSpan(Math.round(spanMs / SECOND) * SECOND) }
}

/** From one moment to another, whole ms; too short a time grows around its middle. */
export function fixedRange(fromMs: number, toMs: number): TimeRange {
  const spanMs = clampSpan(toMs - fromMs)
  const middle = (fromMs + toMs) / 2
  const start = spanMs === toMs - fromMs ? fromMs : middle - spanMs / 2
  return { kind: 'fixed', fromMs: Math.round(start), toMs: Math.round(start + spanMs) }
}

/** How long a range is, ms. */
export function spanOf(range: TimeRange): number {
  return range.kind === 'live' ? range.spanMs : range.toMs - range.fromMs
}

/** The moments that a range begins and ends at. @param nowMs by the agent's clock */
export function windowOf(range: TimeRange, nowMs: number): { fromMs: number; toMs: number } {
  return range.kind === 'live' ? { fromMs: nowMs - range.spanMs, toMs: nowMs } : range
}

/** Half a range earlier (−1) or later (1). What would reach past now follows it. */
export function shiftRange(range: TimeRange, direction: -1 | 1, nowMs: number): TimeRange {
  if (range.kind === 'live' && direction === 1) return range
  const { fromMs, toMs } = windowOf(range, nowMs)
  const by = (direction * (toMs - fromMs)) / 2
  if (toMs + by >= nowMs) return liveRange(toMs - fromMs)
  return fixedRange(fromMs + by, toMs + by)
}

/** Twice the time around the same middle; of what is live, the next longer preset. */
export function zoomOut(range: TimeRange, nowMs: number): TimeRange {
  const spanMs = spanOf(range)
  if (range.kind === 'live') {
    return liveRange(PRESETS.find((preset) => preset.spanMs > spanMs)?.spanMs ?? MOST_SPAN_MS)
  }
  const wide = clampSpan(spanMs * 2)
  const toMs = (range.fromMs + range.toMs + wide) / 2
  return toMs >= nowMs ? fixedRange(nowMs - wide, nowMs) : fixedRange(toMs - wide, toMs)
}

/** Half the time around a moment; of what is live, the next shorter preset where no moment is named. */
export function zoomIn(range: TimeRange, nowMs: number, aroundMs: number | null): TimeRange {
  const spanMs = spanOf(range)
  if (range.kind === 'live' && aroundMs === null) {
    return liveRange(PRESETS.findLast((preset) => preset.spanMs < spanMs)?.spanMs ?? LEAST_SPAN_MS)
  }
  const { fromMs, toMs } = windowOf(range, nowMs)
  const narrow = clampSpan(spanMs / 2)
  const start = clamp((aroundMs ?? (fromMs + toMs) / 2) - narrow / 2, fromMs, toMs - narrow)
  return fixedRange(start, start + narrow)
}

/** The parts of an address that every page shares; the rest is the page's own. */
const SHARED = ['from', 'to'] as const

/** Puts the time range of the address in force into another one, unless that names a time itself. */
export function withTimeOf(search: string, href: string): string {
  if (search === '') return href
  const [path = '', own = ''] = href.split('?', 2)
  const params = new URLSearchParams(own)
  const current = new URLSearchParams(search)
  if (SHARED.some((name) => params.has(name))) return href
  for (const name of SHARED) {
    const value = current.get(name)
    if (value !== null) params.set(name, value)
  }
  const query = readableQuery(params)
  return query === '' ? path : `${path}?${query}`
}

/** A query without the time range, for a place to come back to at whatever time is shown then. */
export function withoutTime(search: string): string {
  const params = new URLSearchParams(search)
  for (const name of SHARED) params.delete(name)
  return readableQuery(params)
}
