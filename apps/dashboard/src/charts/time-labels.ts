import { formatDay, formatMinute, formatMonth, formatTime } from '../lib/format.ts'
import { zoneOffsetMs } from '../lib/time-zone.ts'

const SVG = 'http://www.w3.org/2000/svg'
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Distances between labels, ms: what clocks and calendars are read in. Months are taken as such below. */
const STEPS_MS = [
  ...[1000, 2000, 5000, 10_000, 30_000],
  ...[1, 2, 5, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14].map((days) => days * DAY),
  ...[1, 2, 3, 6].map((months) => months * 30 * DAY),
]
/** Room for one label, px. */
const LABEL_PX = 84
/** A label this near to an edge would be cut, px. */
const EDGE_PX = 20
/** Below the plot, px. */
const BASELINE_PX = 15

/** The moments on a time axis that have a label, and how far they are apart, ms. */
export type TimeLabels = { times: readonly number[]; step: number }

/** The times that get a label: whole steps of the zone's clock and calendar that have room within the plot. */
export function labelTimes(startMs: number, endMs: number, width: number): TimeLabels {
  const wanted = (endMs - startMs) / Math.max(1, Math.floor(width / LABEL_PX))
  // A step of more than half the window would leave some windows without any label.
  const steps = STEPS_MS.filter((candidate) => candidate <= (endMs - startMs) / 2)
  const step = steps.find((candidate) => candidate >= wanted) ?? steps.at(-1)
  if (step === undefined) return { times: [], step: 0 }
  const lastMs = endMs - ((endMs - startMs) / width) * EDGE_PX
  const times =
    step >= 30 * DAY ? monthsIn(startMs, lastMs, step / (30 * DAY)) : stepsIn(startMs, lastMs, step)
  return { times, step }
}

/** Whole steps of the wall clock; where it is put forward or back, each label still stands at its own hour. */
function stepsIn(startMs: number, lastMs: number, step: number): number[] {
  const times: number[] = []
  const wallMs = (atMs: number) => atMs + zoneOffsetMs(atMs)
  for (let wall = Math.ceil(wallMs(startMs) / step) * step; ; wall += step) {
    const guess = wall - zoneOffsetMs(startMs)
    const atMs = wall - zoneOffsetMs(guess)
    if (atMs > lastMs) return times
    if (atMs >= startMs) times.push(atMs)
  }
}

/** The first of each `every`th month. */
function monthsIn(startMs: number, lastMs: number, every: number): number[] {
  const times: number[] = []
  const start = new Date(startMs + zoneOffsetMs(startMs))
  const first = Math.floor(start.getUTCMonth() / every) * every
  for (let month = first; ; month += every) {
    const wall = Date.UTC(start.getUTCFullYear(), month, 1)
    const atMs = wall - zoneOffsetMs(wall)
    if (atMs > lastMs) return times
    if (atMs >= startMs) times.push(atMs)
  }
}

/** What is written at a moment: as much as tells it from its neighbours; midnight is its day. */
export function labelText(atMs: number, step: number): string {
  if (step >= 30 * DAY) return formatMonth(atMs)
  const midnight = (atMs + zoneOffsetMs(atMs)) % DAY === 0
  if (step >= DAY || (midnight && step >= MINUTE)) return formatDay(atMs)
  return step >= MINUTE ? formatMinute(atMs) : formatTime(atMs)
}

/**
 * Writes the labels into a group that moves with the data, in place of what it held.
 * @param scale where the group's x counts from
 * @param bottom of the plot, px
 */
export function drawLabels(
  group: SVGGElement,
  { times, step }: TimeLabels,
  scale: { anchorMs: number; pxPerMs: number },
  bottom: number,
): void {
  const elements = times.flatMap((atMs) => {
    const x = Math.round((atMs - scale.anchorMs) * scale.pxPerMs * 10) / 10
    const mark = document.createElementNS(SVG, 'path')
    mark.setAttribute('d', `M${x} ${bottom}v4`)
    const label = document.createElementNS(SVG, 'text')
    label.setAttribute('x', String(x))
    label.setAttribute('y', String(bottom + BASELINE_PX))
    label.textContent = labelText(atMs, step)
    return [mark, label]
  })
  group.replaceChildren(...elements)
}
