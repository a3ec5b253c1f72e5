import { formatTime } from '../lib/format.ts'
import type { PlotGeometry } from './line-path.ts'

const SVG = 'http://www.w3.org/2000/svg'
/** Distances between labels, ms: what clocks are read in. */
const STEPS_MS = [10_000, 30_000, 60_000, 120_000, 300_000, 900_000, 3_600_000]
/** Room for one label, px. */
const LABEL_PX = 84
/** Below the plot, px. */
const BASELINE_PX = 15

/** The times that get a label: whole steps of the clock within the plot. */
export function labelTimes(startMs: number, endMs: number, width: number): number[] {
  const wanted = (endMs - startMs) / Math.max(1, Math.floor(width / LABEL_PX))
  const step = STEPS_MS.find((candidate) => candidate >= wanted) ?? (STEPS_MS.at(-1) as number)
  const times: number[] = []
  for (let atMs = Math.ceil(startMs / step) * step; atMs <= endMs; atMs += step) times.push(atMs)
  return times
}

/** Labels of a sliding time axis: moved as one group, and rebuilt only when one leaves or comes. */
export class TimeLabels {
  readonly #group: SVGGElement
  readonly #plot: { x: number; y: number; width: number; height: number }
  #shown = ''

  /** @param group taken over: emptied and filled */
  constructor(group: SVGGElement, plot: { x: number; y: number; width: number; height: number }) {
    this.#group = group
    this.#plot = plot
  }

  /** Puts the labels where their times are now. */
  draw({ startMs, pxPerMs }: PlotGeometry): void {
    if (!Number.isFinite(startMs) || !Number.isFinite(pxPerMs)) return
    const { x, y, width, height } = this.#plot
    const times = labelTimes(startMs, startMs + width / pxPerMs, width)
    const first = times[0]
    if (first === undefined) return
    const key = `${times.join()} ${pxPerMs}`
    if (key !== this.#shown) {
      this.#shown = key
      this.#group.replaceChildren(
        ...times.flatMap((atMs) => {
          const at = Math.round((atMs - first) * pxPerMs * 10) / 10
          const mark = document.createElementNS(SVG, 'path')
          mark.setAttribute('d', `M${at} ${y + height}v4`)
          const text = document.createElementNS(SVG, 'text')
          text.setAttribute('x', String(at))
          text.setAttribute('y', String(y + height + BASELINE_PX))
          text.textContent = formatTime(atMs)
          return [mark, text]
        }),
      )
    }
    const shift = Math.round((x + (first - startMs) * pxPerMs) * 10) / 10
    this.#group.setAttribute('transform', `translate(${shift} 0)`)
  }
}
