import { formatBytes, formatCount, formatMs, formatRate, formatRatio } from '../lib/format.ts'
import type { ChartUnit } from './chart-types.ts'

/** How the values of each unit are written; null is an em dash. */
export const FORMATS: Readonly<Record<ChartUnit, (value: number | null) => string>> = {
  count: formatCount,
  ms: formatMs,
  rate: formatRate,
  ratio: formatRatio,
  bytes: formatBytes,
}
