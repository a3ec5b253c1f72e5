import { formatDay, formatTime } from '../lib/format.ts'
import { zoneOffsetMs } from '../lib/time-zone.ts'
import type { ChartModel } from './chart-model.ts'

const DAY_MS = 86_400_000

const dayOf = (atMs: number) => Math.floor((atMs + zoneOffsetMs(atMs)) / DAY_MS)

/** A moment of a chart as wall clock; with its day where the chart does not lie within today alone. */
export function writeMoment({ startMs }: Pick<ChartModel, 'startMs'>, atMs: number | undefined): string {
  if (atMs === undefined || Number.isNaN(atMs)) return formatTime(null)
  const today = dayOf(Date.now())
  return dayOf(startMs) === today && dayOf(atMs) === today
    ? formatTime(atMs)
    : `${formatDay(atMs)}, ${formatTime(atMs)}`
}
