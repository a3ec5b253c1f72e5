import type { KnobMeasure } from '@poolscope/protocol'
import type { Fleet } from '../fleet/fleet.ts'

/** The last minutes of a pool or a pool group. */
export type RecentSeries = ReturnType<Fleet['series']>

/** How callers fared over the last ticks. @param ticks how many; those of which nothing is known are left out */
export function measureOf(series: RecentSeries, ticks: number): KnobMeasure {
  const from = Math.max(0, series.length - ticks)
  const known = (column: Parameters<RecentSeries['at']>[0]): number[] => {
    const values: number[] = []
    for (let index = from; index < series.length; index++) {
      const value = series.at(column, index)
      if (value !== null) values.push(value)
    }
    return values
  }
  const checkouts = known('checkoutsPerSec')
  const timeouts = known('timeoutsPerSec')
  const attempts = sumOf(checkouts) + sumOf(timeouts)
  return {
    seconds: (checkouts.length * series.stepMs) / 1000,
    attemptsPerSec: checkouts.length === 0 ? null : attempts / checkouts.length,
    waitP95Ms: medianOf(known('waitP95Ms')),
    holdP95Ms: medianOf(known('holdP95Ms')),
    timeoutRatio: attempts === 0 ? null : sumOf(timeouts) / attempts,
  }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function medianOf(values: readonly number[]): number | null {
  if (values.length === 0) return null
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
}
