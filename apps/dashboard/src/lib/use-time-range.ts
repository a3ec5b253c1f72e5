import { createContext, use, useMemo } from 'react'
import { useSearch } from 'wouter'
import { navigate, useHistoryState } from 'wouter/use-browser-location'
import { readableQuery } from './query-state.ts'
import { DEFAULT_RANGE, formatRange, parseRange, type TimeRange } from './time-range.ts'
import { ZONE_PARAM } from './time-zone.ts'

/** What an entry of the browser's history remembers: the ranges that were zoomed from, oldest first. */
type ZoomState = { zoomedFrom?: readonly TimeRange[] } | null

/** Zooms that can be taken back one by one. */
const MOST_BACK = 20

/** The same range is the same object, so that what depends on it is made anew only when it changes. */
let last: { key: string; range: TimeRange } | null = null

function rangeIn(search: string): TimeRange {
  const range = parseRange(search)
  const key = JSON.stringify(range)
  if (last?.key !== key) last = { key, range }
  return last.range
}

/** The address in force with another time range. */
export function addressOf(range: TimeRange, more: Readonly<Record<string, string>> = {}): string {
  const params = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries({ ...formatRange(range), ...more })) {
    if (value === null) params.delete(name)
    else params.set(name, value)
  }
  const query = readableQuery(params)
  return location.pathname + (query === '' ? '' : `?${query}`) + location.hash
}

function go(range: TimeRange, zoomedFrom: readonly TimeRange[]): void {
  const address = addressOf(range)
  if (address === location.pathname + location.search + location.hash) return
  navigate(address, { state: zoomedFrom.length === 0 ? null : { zoomedFrom } })
}

/** The ranges that the one on screen was zoomed from, oldest first. */
const zoomedFromNow = (): readonly TimeRange[] => (history.state as ZoomState)?.zoomedFrom ?? []

/** Shows another time. The browser's Back button undoes it. */
export function chooseRange(range: TimeRange): void {
  go(range, [])
}

/** Shows a part of the time on screen. {@link undoZoom} and the browser's Back button undo it. */
export function zoomTo(range: TimeRange): void {
  go(range, [...zoomedFromNow(), rangeIn(location.search)].slice(-MOST_BACK))
}

/** Goes back to the time before the last zoom. @returns false when nothing was zoomed */
export function undoZoom(): boolean {
  const stack = zoomedFromNow()
  const before = stack.at(-1)
  if (before === undefined) return false
  go(before, stack.slice(0, -1))
  return true
}

/** Follows what is live, at the length that is seen by default. */
export function followLive(): void {
  chooseRange(DEFAULT_RANGE)
}

/** Takes the zone out of the address, once the viewer chose one: the choice is kept in the browser. */
export function forgetZoneInAddress(): void {
  const params = new URLSearchParams(location.search)
  if (!params.has(ZONE_PARAM)) return
  params.delete(ZONE_PARAM)
  const query = readableQuery(params)
  navigate(location.pathname + (query === '' ? '' : `?${query}`), { replace: true, state: history.state })
}

/** The time of charts that do not follow the page's, such as those around an alert; null follows it. */
export const OwnRange = createContext<TimeRange | null>(null)

/** The time that the page, or this part of it, shows; the same object until it changes. */
export function useTimeRange(): TimeRange {
  const search = useSearch()
  const own = use(OwnRange)
  return useMemo(() => own ?? rangeIn(search), [own, search])
}

/** Whether there is a zoom to undo. */
export function useZoomed(): boolean {
  const state = useHistoryState<ZoomState>()
  return (state?.zoomedFrom?.length ?? 0) > 0
}
