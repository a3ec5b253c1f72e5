import type { CurveBand, CurvePoint } from './curve-types.ts'

/** Where a place and a value lie in a chart, px. */
export type CurvePlot = { x: (value: number) => number; y: (value: number) => number }

const MOST_TICKS = 8

/** Whole numbers along an axis from the first on, at most about eight. */
export function wholeTicks(from: number, to: number): number[] {
  const step = Math.max(1, Math.ceil((to - from) / MOST_TICKS))
  const ticks: number[] = []
  for (let x = from; x <= to; x += step) ticks.push(x)
  return ticks
}

/** One line over sizes as a path; null is a gap. @param key which of a place's values */
export function curveLinePath(points: readonly CurvePoint[], key: string, plot: CurvePlot): string {
  let path = ''
  let pen = 'M'
  for (const { x, values } of points) {
    const value = values[key] ?? null
    if (value === null) pen = 'M'
    else {
      path += `${pen}${at(plot, x, value)}`
      pen = 'L'
    }
  }
  return path
}

/** The area between the edges of a band as a path; where one of them is null it has a gap. */
export function curveAreaPath(points: readonly CurvePoint[], band: CurveBand, plot: CurvePlot): string {
  let path = ''
  let upper: string[] = []
  let lower: string[] = []
  const close = () => {
    if (upper.length > 0) path += `M${[...upper, ...lower.reverse()].join('L')}Z`
    upper = []
    lower = []
  }
  for (const { x, values } of points) {
    const [low, high] = [values[band.lowKey] ?? null, values[band.highKey] ?? null]
    if (low === null || high === null) close()
    else {
      upper.push(at(plot, x, high))
      lower.push(at(plot, x, low))
    }
  }
  close()
  return path
}

/** A value far above the plot is as far above it as a path has to go. */
const FAR_PX = 10_000

function at(plot: CurvePlot, x: number, value: number): string {
  return `${tenth(plot.x(x))} ${Math.max(-FAR_PX, tenth(plot.y(value)))}`
}

const tenth = (px: number) => Math.round(px * 10) / 10
