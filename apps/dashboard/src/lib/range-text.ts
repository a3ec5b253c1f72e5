import { formatAge, formatDay, formatMinute, formatTime, timeZoneName } from './format.ts'
import { PRESETS, type TimeRange } from './time-range.ts'
import { zoneOffsetMs } from './time-zone.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

const dayOf = (atMs: number) => Math.floor((atMs + zoneOffsetMs(atMs)) / DAY_MS)

/** A length as it is chosen: `5 min`, `30 d`. */
export function spanName(spanMs: number): string {
  return PRESETS.find((preset) => preset.spanMs === spanMs)?.name ?? formatAge(spanMs)
}

/**
 * A time range in words, as short as tells it: `Last 5 min`, `14:03 – 14:10`, `20 Nov, 14:03 – 21 Nov, 02:00`.
 * @param nowMs a day is named when it is not this one
 */
export function rangeName(range: TimeRange, nowMs: number): string {
  if (range.kind === 'live') return `Last ${spanName(range.spanMs)}`
  const { fromMs, toMs } = range
  const days = [dayOf(fromMs), dayOf(toMs), dayOf(nowMs)]
  const clock = toMs - fromMs < 10 * MINUTE_MS ? formatTime : formatMinute
  const withDay = (atMs: number) => `${formatDay(atMs)}, ${clock(atMs)}`
  if (days[0] !== days[1]) return `${withDay(fromMs)} – ${withDay(toMs)}`
  return `${days[0] === days[2] ? clock(fromMs) : withDay(fromMs)} – ${clock(toMs)}`
}

/** The same with the name of the zone, where the words stand alone. */
export function rangeNameWithZone(range: TimeRange, nowMs: number): string {
  return range.kind === 'live'
    ? rangeName(range, nowMs)
    : `${rangeName(range, nowMs)} ${timeZoneName(range.toMs)}`
}
