import { formatAge, formatDateTime } from '../lib/format.ts'
import type { ChartModel } from './chart-model.ts'

/** A change is named against the mean of this many samples, half a minute before. */
const TREND_SAMPLES = 10
const TREND_BACK = 30
/** Changes below this part of the larger value are "steady". */
const TREND_RATIO = 0.1

/**
 * The chart in one sentence, for those who do not see it: `In use 42, rising; Idle 8, steady. Max 50.`
 * @param format writes a value with its unit
 */
export function summarize(model: ChartModel, format: (value: number | null) => string): string {
  if (!model.known) return 'Nothing is known yet.'
  const newest = model.times.length - 1
  const parts = model.series.map((series, index) => {
    const value = model.valueAt(index, newest)
    if (value === null) return `${series.label}: not known now${lastKnown(model, index)}`
    return `${series.label} ${format(value)}${trend(model, index, value)}`
  })
  const limits = model.limits.filter((limit) => limit.value !== null)
  const tail = limits.map((limit) => ` ${limit.label} ${format(limit.value)}.`)
  const when = model.feed.live ? '' : `At ${formatDateTime(model.times[newest])}: `
  return `${when}${parts.join('; ')}.${tail.join('')}`
}

function lastKnown(model: ChartModel, series: number): string {
  for (let i = model.times.length - 1; i >= 0; i--) {
    if (model.valueAt(series, i) === null) continue
    return `, for ${formatAge(model.feed.untilMs - (model.times[i] as number))}`
  }
  return ''
}

function trend(model: ChartModel, series: number, value: number): string {
  let sum = 0
  let count = 0
  const end = model.times.length - TREND_BACK
  for (let i = end - TREND_SAMPLES; i < end; i++) {
    const past = model.valueAt(series, i)
    if (past === null) continue
    sum += past
    count += 1
  }
  if (count === 0) return ''
  const past = sum / count
  const size = Math.max(Math.abs(past), Math.abs(value))
  if (size === 0 || Math.abs(value - past) <= size * TREND_RATIO) return ', steady'
  return value > past ? ', rising' : ', falling'
}
