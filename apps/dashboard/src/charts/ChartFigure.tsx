import type { LiveChartProps } from './chart-types.ts'

/** The chart itself, loaded apart. */
export function ChartFigure({ title }: LiveChartProps) {
  return (
    <figure>
      <figcaption>{title}</figcaption>
    </figure>
  )
}
