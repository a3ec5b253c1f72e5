import { useId } from 'react'
import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts'
import type { CurveBand, CurvePoint, CurveSeries } from './curve-types.ts'
import styles from './LiveChart.module.css'
import { BREAK, bandPath, linePath } from './line-path.ts'

/** Lines and band inside of the frame, cut off at its edges. */
export function CurvePaths({
  series,
  band,
  points,
}: {
  series: readonly CurveSeries[]
  band: CurveBand | null
  points: readonly CurvePoint[]
}) {
  const plot = usePlotArea()
  const toX = useXAxisScale()
  const toY = useYAxisScale()
  const inside = useId()
  if (plot === undefined || toX === undefined || toY === undefined) return null

  const valueAt = (index: number, key: string) => points[index]?.values[key] ?? null
  const textOf = (key: string) => (index: number) =>
    `${tenth(toX(points[index]?.x))} ${tenth(toY(valueAt(index, key)))} `
  const known = (...keys: string[]) =>
    Int32Array.from(points.keys(), (index) =>
      keys.some((key) => valueAt(index, key) === null) ? BREAK : index,
    )
  return (
    <g clipPath={`url(#${inside})`}>
      <clipPath id={inside}>
        <rect x={plot.x} y={plot.y} width={plot.width} height={plot.height} />
      </clipPath>
      {band !== null && (
        <path
          d={bandPath(
            known(band.lowKey, band.highKey),
            points.length,
            textOf(band.highKey),
            textOf(band.lowKey),
          )}
          fill={band.color}
          fillOpacity={0.2}
        />
      )}
      {series.map(({ key, color, dash }) => (
        <path
          key={key}
          d={linePath(known(key), points.length, textOf(key))}
          className={styles.line}
          style={{ stroke: color, strokeWidth: 2 }}
          strokeDasharray={dash}
        />
      ))}
    </g>
  )
}

const tenth = (px: number | undefined) => Math.round((px ?? Number.NaN) * 10) / 10
