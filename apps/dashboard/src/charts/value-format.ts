import {
  formatBytes,
  formatCount,
  formatMean,
  formatMs,
  formatRate,
  formatRatio,
  roundFormatters,
} from '../lib/format.ts'
import type { ChartModel } from './chart-model.ts'
import type { ChartUnit } from './chart-types.ts'

/** How the values of each unit are written; null is an em dash. */
export const FORMATS: Readonly<Record<ChartUnit, (value: number | null) => string>> = {
  count: formatCount,
  ms: formatMs,
  rate: formatRate,
  ratio: formatRatio,
  bytes: formatBytes,
}

/** How an axis writes the values of each unit. */
export const AXIS_FORMATS: typeof FORMATS = {
  count: roundFormatters.formatCount,
  ms: roundFormatters.formatMs,
  rate: roundFormatters.formatRate,
  ratio: roundFormatters.formatRatio,
  bytes: roundFormatters.formatBytes,
}

/** A value of a chart in words: where it is the mean of several ticks, with the largest of them. */
export function valueText(model: ChartModel, unit: ChartUnit, series: number, index: number): string {
  const value = model.valueAt(series, index)
  if (!model.feed.stepped) return FORMATS[unit](value)
  const mean = unit === 'count' ? formatMean(value) : FORMATS[unit](value)
  const peak = model.peakAt(series, index)
  return peak === null ? mean : `${mean}, max ${FORMATS[unit](peak)}`
}
