import { memo } from 'react'
import { CartesianGrid, LineChart, ReferenceLine, XAxis, YAxis } from 'recharts'
import { formatCount } from '../lib/format.ts'
import { CurvePaths } from './CurvePaths.tsx'
import type { ChartUnit } from './chart-types.ts'
import type { CurveBand, CurveMark, CurvePoint, CurveSeries } from './curve-types.ts'
import { linearScale } from './linear-scale.ts'
import { FORMATS } from './value-format.ts'
import { niceTicks } from './y-domain.ts'

/** Where the plot lies within the frame, px. */
export const CURVE_PLOT = { left: 56, right: 12, top: 24, bottom: 22 } as const
const MARGIN = { top: CURVE_PLOT.top, right: CURVE_PLOT.right, bottom: 0, left: 0 }
const TICK = { fill: 'var(--text-3)', fontSize: 12 }
const MOST_TICKS = 8
const SCALE = linearScale()
/** The axes know their ends: the lines are drawn by {@link CurvePaths}. */
const NO_ROWS: never[] = []

/** Whole numbers along the axis, first and last included. */
function wholeTicks(from: number, to: number): number[] {
  const step = Math.max(1, Math.ceil((to - from) / MOST_TICKS))
  const ticks: number[] = []
  for (let x = from; x <= to; x += step) ticks.push(x)
  return ticks
}

/** The part of the chart that stands still while it is read. */
export const CurveFrame = memo(function CurveFrame({
  unit,
  series,
  band,
  points,
  marks,
  limits,
  yMax,
  width,
  height,
}: {
  unit: ChartUnit
  series: readonly CurveSeries[]
  band: CurveBand | null
  points: readonly CurvePoint[]
  marks: readonly CurveMark[]
  limits: readonly { label: string; value: number }[]
  yMax: number
  width: number
  height: number
}) {
  const [from, to] = [points[0]?.x ?? 0, points.at(-1)?.x ?? 1]
  const yTicks = niceTicks(yMax, unit)
  const top = yTicks.at(-1) as number
  return (
    <LineChart data={NO_ROWS} width={width} height={height} margin={MARGIN} accessibilityLayer={false}>
      <CartesianGrid vertical={false} stroke="var(--grid)" />
      <XAxis
        dataKey="x"
        type="number"
        scale={SCALE}
        domain={[from, to]}
        allowDataOverflow
        ticks={wholeTicks(from, to)}
        height={CURVE_PLOT.bottom}
        tick={TICK}
        tickFormatter={formatCount}
        stroke="var(--border-strong)"
      />
      <YAxis
        width={CURVE_PLOT.left}
        scale={SCALE}
        domain={[0, top]}
        allowDataOverflow
        ticks={yTicks}
        interval={0}
        tick={TICK}
        tickFormatter={FORMATS[unit]}
        tickLine={false}
        axisLine={false}
      />
      {limits.map(({ label, value }) => (
        <ReferenceLine
          key={label}
          y={value}
          stroke="var(--limit)"
          strokeDasharray="6 3"
          label={{ value: label, position: 'insideBottomRight', fill: 'var(--text-2)', fontSize: 12 }}
        />
      ))}
      {marks.map(({ x, label }, index) => (
        <ReferenceLine
          key={label}
          x={x}
          stroke="var(--text-3)"
          strokeDasharray="2 2"
          label={{
            value: label,
            position: index === 0 ? 'top' : 'insideTop',
            fill: 'var(--text-2)',
            fontSize: 12,
          }}
        />
      ))}
      <CurvePaths series={series} band={band} points={points} />
    </LineChart>
  )
})
