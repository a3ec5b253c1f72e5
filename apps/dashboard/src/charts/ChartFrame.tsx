import { memo } from 'react'
import { CartesianGrid, Line, LineChart, ReferenceLine, XAxis, YAxis } from 'recharts'
import type { ChartModel, LimitNow } from './chart-model.ts'
import type { ChartUnit } from './chart-types.ts'
import { LivePaths } from './LivePaths.tsx'
import { FORMATS } from './value-format.ts'
import type { YAxisTicks } from './y-domain.ts'

/** Where the plot lies within the frame, px: room for the labels of both axes. */
export const MARGIN = { top: 10, right: 8, bottom: 0, left: 0 } as const
const Y_AXIS_PX = 56
const X_AXIS_PX = 22

/** Where the plot lies within a chart of a size, px. */
export function plotOf(width: number, height: number) {
  return {
    x: MARGIN.left + Y_AXIS_PX,
    y: MARGIN.top,
    width: Math.max(0, width - MARGIN.left - Y_AXIS_PX - MARGIN.right),
    height: Math.max(0, height - MARGIN.top - MARGIN.bottom - X_AXIS_PX),
  }
}

/** Two constant rows give the axes their scale; the data is drawn by {@link LivePaths}. */
const ROWS = [
  { x: 0, y: 0 },
  { x: 1, y: 0 },
]
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
    <LineChart data={ROWS} width={width} height={height} margin={MARGIN} accessibilityLayer={false}>
      <CartesianGrid vertical={false} stroke="var(--grid)" />
      <XAxis
        dataKey="x"
        type="number"
        domain={X_DOMAIN}
        height={X_AXIS_PX}
        tick={false}
        tickLine={false}
        stroke="var(--border-strong)"
      />
      <YAxis
        width={Y_AXIS_PX}
        domain={[0, top]}
        ticks={ticks}
        interval={0}
        tick={TICK}
        tickFormatter={FORMATS[unit]}
        tickLine={false}
        axisLine={false}
      />
      {/* Without a visible line the axes have no scale. */}
      <Line
        dataKey="y"
        stroke="none"
        dot={false}
        activeDot={false}
        isAnimationActive={false}
        legendType="none"
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
              value: `${label} ${FORMATS[unit](value)}`,
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
