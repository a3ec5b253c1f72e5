import type { PoolColumn, ServerColumn } from '@poolscope/protocol'
import type { SeriesSource } from '../live/live-store.ts'

/** How values are written. */
export type ChartUnit = 'count' | 'ms' | 'rate' | 'ratio' | 'bytes'

/** A column of the wire; which ones exist depends on the kind of source. */
export type ChartColumn = PoolColumn | ServerColumn

/** Computes one value of one tick from columns; NaN where it cannot be known. */
type ReadValue = (column: (name: ChartColumn) => number) => number

/** Where the values of a line come from: a column as it is, or a function of several. */
export type ValueSource = { column: ChartColumn } | { read: ReadValue }

/** One line or area of a chart. */
export type ChartSeries = ValueSource & {
  key: string
  label: string
  /** A colour token such as `var(--used)`. */
  color: string
  /** As SVG's stroke-dasharray; lines are solid without. */
  dash?: string
  /** Areas are stacked on the areas before them, lines are not; `line` without. */
  kind?: 'line' | 'area'
}

/** A line across the chart that the values are read against: a fixed value, or the newest of a source. */
export type ChartLimit = { label: string } & ({ value: number | null } | ValueSource)

export type LiveChartProps = {
  /** Name of the chart: its heading, and its accessible name. */
  title: string
  unit: ChartUnit
  /** Hoist it, or memoise it: another array is another chart. */
  series: readonly ChartSeries[]
  source: SeriesSource
  limits?: readonly ChartLimit[]
  /** Shown in place of the plot while nothing is known. */
  emptyText: string
  /** The least value at the upper edge, so that small noise does not fill the chart. */
  yMin?: number
  /** Of the plot with its axes, px. */
  height?: number
  /** Level of the heading; 3 without. */
  level?: 2 | 3 | 4
}
