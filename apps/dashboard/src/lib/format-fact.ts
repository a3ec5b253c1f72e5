import type { Fact } from '@poolscope/protocol'
import { formatAge, formatBytes, formatCount, formatMs, formatRate, formatRatio, UNKNOWN } from './format.ts'

/** A minute and more reads better in its two largest units. */
const LONG_MS = 60_000

/** A value in the words of its unit; null is an em dash. */
export function formatFact({ value, unit }: Pick<Fact, 'value' | 'unit'>): string {
  if (value === null) return UNKNOWN
  if (typeof value === 'string') return value
  switch (unit) {
    case 'ms':
      return value >= LONG_MS ? formatAge(value) : formatMs(value)
    case 'bytes':
      return formatBytes(value)
    case 'perSec':
      return formatRate(value)
    case 'ratio':
      return formatRatio(value)
    default:
      return formatCount(value)
  }
}
