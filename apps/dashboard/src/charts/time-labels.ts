import { formatTime } from '../lib/format.ts'

const SVG = 'http://www.w3.org/2000/svg'
/** Distances between labels, ms: what clocks are read in. */
const STEPS_MS = [10_000, 30_000, 60_000, 120_000, 300_000, 900_000, 3_600_000]
/** Room for one label, px. */
const LABEL_PX = 84
/** A label this near to the right edge would be cut, px. */
const EDGE_PX = 20
/** Below the plot, px. */
const BASELINE_PX = 15

/** The times that get a label: whole steps of the clock that have room within the plot. */
export function labelTimes(startMs: number, endMs: number, width: number): number[] {
  const wanted = (endMs - startMs) / Math.max(1, Math.floor(width / LABEL_PX))
  // A step of more than half the window would leave some windows without any label.
  const steps = STEPS_MS.filter((candidate) => candidate <= (endMs - startMs) / 2)
  const step = steps.find((candidate) => candidate >= wanted) ?? steps.at(-1)
  if (step === undefined) return []
  const lastMs = endMs - ((endMs - startMs) / width) * EDGE_PX
  const times: number[] = []
  for (let atMs = Math.ceil(startMs / step) * step; atMs <= lastMs; atMs += step) times.push(atMs)
  return times
}

/**
 * Writes the labels into a group that moves with the data, in place of what it held.
 * @param scale where the group's x counts from
 * @param bottom of the plot, px
 */
export function drawLabels(
  group: SVGGElement,
  times: readonly number[],
  scale: { anchorMs: number; pxPerMs: number },
  bottom: number,
): void {
  const elements = times.flatMap((atMs) => {
    const x = Math.round((atMs - scale.anchorMs) * scale.pxPerMs * 10) / 10
    const mark = document.createElementNS(SVG, 'path')
    mark.setAttribute('d', `M${x} ${bottom}v4`)
    const text = document.createElementNS(SVG, 'text')
    text.setAttribute('x', String(x))
    text.setAttribute('y', String(bottom + BASELINE_PX))
    text.textContent = formatTime(atMs)
    return [mark, text]
  })
  group.replaceChildren(...elements)
}
