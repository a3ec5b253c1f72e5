import { useId } from 'react'
import { formatCount } from '../lib/format.ts'
import own from './CurveFigure.module.css'
import type { ChartUnit } from './chart-types.ts'
import { type CurvePlot, curveAreaPath, curveLinePath, wholeTicks } from './curve-path.ts'
import type { CurveBand, CurveMark, CurvePoint, CurveSeries } from './curve-types.ts'
import { AXIS_FORMATS } from './value-format.ts'
import { niceTicks } from './y-domain.ts'

/** Where the plot lies within the frame, px. */
export const CURVE_PLOT = { left: 56, right: 12, top: 24, bottom: 22 } as const

/**
 * The part of the chart that stands still while it is read, as plain SVG: a page has seven of them, and each would
 * take the library behind the live charts longer to mount than a page may be busy.
 */
export function CurveFrame({
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
  const clip = useId()
  const [from, to] = [points[0]?.x ?? 0, points.at(-1)?.x ?? 1]
  const yTicks = niceTicks(yMax, unit)
  const top = yTicks.at(-1) as number
  const left = CURVE_PLOT.left
  const right = width - CURVE_PLOT.right
  const bottom = height - CURVE_PLOT.bottom
  const plot: CurvePlot = {
    x: (value) => left + ((value - from) / Math.max(1, to - from)) * (right - left),
    y: (value) => bottom - (value / top) * (bottom - CURVE_PLOT.top),
  }
  return (
    <svg className={own.frame} width={width} height={height} aria-hidden="true">
      <clipPath id={clip}>
        <rect
          x={left}
          y={CURVE_PLOT.top}
          width={Math.max(0, right - left)}
          height={bottom - CURVE_PLOT.top}
        />
      </clipPath>
      {yTicks.map((value) => (
        <g key={value}>
          <path d={`M${left} ${plot.y(value)}H${right}`} className={own.grid} />
          <text x={left - 8} y={plot.y(value)} dy="0.355em" textAnchor="end" className={own.tick}>
            {AXIS_FORMATS[unit](value)}
          </text>
        </g>
      ))}
      <path d={`M${left} ${bottom}H${right}`} className={own.axis} />
      {wholeTicks(from, to).map((value) => (
        <g key={value}>
          <path d={`M${plot.x(value)} ${bottom}v6`} className={own.axis} />
          <text x={plot.x(value)} y={bottom + 18} textAnchor="middle" className={own.tick}>
            {formatCount(value)}
          </text>
        </g>
      ))}
      <g clipPath={`url(#${clip})`}>
        {band !== null && (
          <path d={curveAreaPath(points, band, plot)} style={{ fill: band.color }} fillOpacity="0.2" />
        )}
        {series.map(({ key, color, dash }) => (
          <path
            key={key}
            d={curveLinePath(points, key, plot)}
            className={own.line}
            style={{ stroke: color }}
            strokeDasharray={dash}
          />
        ))}
      </g>
      {limits
        .filter(({ value }) => value <= top)
        .map(({ label, value }) => (
          <g key={label}>
            <path d={`M${left} ${plot.y(value)}H${right}`} className={own.limit} />
            <text x={right - 5} y={plot.y(value) - 5} textAnchor="end" className={own.label}>
              {label}
            </text>
          </g>
        ))}
      {marks.map(({ x, label }, index) => (
        <g key={label}>
          <path d={`M${plot.x(x)} ${CURVE_PLOT.top}V${bottom}`} className={own.mark} />
          {/* Above the plot and in it, so that the names of two places close together can be read. */}
          <text
            x={plot.x(x)}
            y={index === 0 ? CURVE_PLOT.top - 6 : CURVE_PLOT.top + 14}
            textAnchor="middle"
            className={own.label}
          >
            {label}
          </text>
        </g>
      ))}
    </svg>
  )
}
