import type { Series } from './windows.ts'

/** A straight line through the last entries of a column. */
export type Trend = {
  /** Change from entry to entry. */
  perStep: number
  /** How well the line fits, 0 to 1 (coefficient of determination). */
  fit: number
}

/**
 * The least-squares line through the last `count` entries.
 * @returns null when more than one in ten is not known, or there are fewer
 */
export function trendOf<Column extends string>(
  series: Series<Column>,
  column: Column,
  count: number,
): Trend | null {
  const points: [number, number][] = []
  for (let i = Math.max(0, series.length - count); i < series.length; i++) {
    const value = series.at(column, i)
    if (value !== null) points.push([i, value])
  }
  if (points.length < Math.max(3, count * 0.9)) return null
  const meanX = mean(points.map(([x]) => x))
  const meanY = mean(points.map(([, y]) => y))
  let xx = 0
  let xy = 0
  let yy = 0
  for (const [x, y] of points) {
    xx += (x - meanX) ** 2
    xy += (x - meanX) * (y - meanY)
    yy += (y - meanY) ** 2
  }
  if (yy === 0) return { perStep: 0, fit: 1 }
  return { perStep: xy / xx, fit: xy ** 2 / (xx * yy) }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
