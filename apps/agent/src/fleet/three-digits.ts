/**
 * Three significant digits, down to a thousandth: finer than a bucket of a histogram is wide. Fewer digits are fewer
 * bytes and less time to write them, in a live frame as on the disk. By scaling, because rounding through text costs
 * more.
 */
export function threeDigits(value: number): number {
  if (value >= 100) return Math.round(value)
  const scale = value >= 10 ? 10 : value >= 1 ? 100 : 1000
  return Math.round(value * scale) / scale
}
