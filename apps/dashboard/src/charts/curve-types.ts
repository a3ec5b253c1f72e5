import type { ChartUnit } from './chart-types.ts'

/** One line of a chart over sizes. */
export type CurveSeries = {
  key: string
  label: string
  /** A colour token such as `var(--p99)`. */
  color: string
  /** As SVG's stroke-dasharray; solid without. */
  dash?: string
}

/** The values of all lines at one place; null is a gap. */
export type CurvePoint = { x: number; values: Readonly<Record<string, number | null>> }

/** An area between two values of each place; where one of them is null it has a gap. */
export type CurveBand = { lowKey: string; highKey: string; label: string; color: string }

/** A place on the axis that has a name. */
export type CurveMark = { x: number; label: string }

export type CurveChartProps = {
  /** Name of the chart: its heading, and its accessible name. */
  title: string
  unit: ChartUnit
  /** What the axis counts: `connections`. */
  xName: string
  series: readonly CurveSeries[]
  band?: CurveBand | null
  /** In the order of x. */
  points: readonly CurvePoint[]
  marks: readonly CurveMark[]
  limits: readonly { label: string; value: number }[]
  /** Value at the upper edge; what is higher leaves the plot. */
  yMax: number
  /** The place under the pointer or chosen by keys; shared by charts that stand together. */
  at: number | null
  /** The place whose values are shown while none is read. */
  rest: number | null
  onRead: (x: number | null) => void
}
