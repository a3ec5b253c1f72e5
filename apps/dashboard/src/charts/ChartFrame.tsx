import { memo } from 'react'
import { CartesianGrid, LineChart, ReferenceLine, XAxis, YAxis } from 'recharts'
import { MARGIN, X_AXIS_PX, Y_AXIS_PX } from './chart-geometry.ts'
import type { ChartModel, LimitNow } from './chart-model.ts'
import type { ChartUnit } from './chart-types.ts'
import { LivePaths } from './LivePaths.tsx'
import { linearScale } from './linear-scale.ts'
import { AXIS_FORMATS } from './value-format.ts'
import type { YAxisTicks } from './y-domain.ts'

/** The axes know their ends: the data is drawn by {@link LivePaths}. */
const NO_ROWS: never[] = []
const SCALE = linearScale()
const X_DOMAIN: [number, number] = [0, 1]
const TICK = { fill: 'var(--text-3)', fontSize: 12 }

/**
 * The part of a chart that stands still: axis, grid and limits. It renders when its size, labels or
 * limits change, never because of a tick.
 */
export const ChartFrame = memo(function ChartFrame({
  model,
  unit,
  width,
  height,
  ticks,
  limits,
}: {
  model: ChartModel
  unit: ChartUnit
  width: number
  height: number
  ticks: YAxisTicks
  limits: readonly LimitNow[]
}) {
  const top = ticks.at(-1) as number
  return (
    <LineChart data={NO_ROWS} width={width} height={height} margin={MARGIN} accessibilityLayer={false}>
      <CartesianGrid vertical={false} stroke="var(--grid)" />
      <XAxis
        dataKey="x"
        type="number"
        scale={SCALE}
        domain={X_DOMAIN}
        allowDataOverflow
        height={X_AXIS_PX}
        tick={false}
        tickLine={false}
        stroke="var(--border-strong)"
      />
      <YAxis
        width={Y_AXIS_PX}
        scale={SCALE}
        domain={[0, top]}
        allowDataOverflow
        ticks={ticks}
        interval={0}
        tick={TICK}
        tickFormatter={AXIS_FORMATS[unit]}
        tickLine={false}
        axisLine={false}
      />
      <LivePaths model={model} top={top} />
      {limits.map(({ label, value }) =>
        value === null || value > top ? null : (
          <ReferenceLine
            key={label}
            y={value}
            stroke="var(--limit)"
            strokeWidth={1.5}
            strokeDasharray="6 3"
            label={{
              value: `${label} ${AXIS_FORMATS[unit](value)}`,
              position: labelPosition(value, limits, top),
              fill: 'var(--text-2)',
              fontSize: 12,
            }}
          />
        ),
      )}
    </LineChart>
  )
})

/** Part of the plot's height that a label takes. */
const LABEL_SHARE = 0.15

/**
 * Above the line, or below it where the upper edge is too near, or where the label would run into
 * another limit's line close above.
 */
function labelPosition(
  value: number,
  limits: readonly LimitNow[],
  top: number,
): 'insideTopRight' | 'insideBottomRight' {
  const near = top * LABEL_SHARE
  const crowded = limits.some(
    (other) => other.value !== null && other.value > value && other.value < value + near,
  )
  return crowded || value > top - near ? 'insideTopRight' : 'insideBottomRight'
}
