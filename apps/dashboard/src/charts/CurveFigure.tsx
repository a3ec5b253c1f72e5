import { type KeyboardEvent, type PointerEvent, useId, useMemo, useRef, useState } from 'react'
import { cx } from '../lib/cx.ts'
import { formatCount } from '../lib/format.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { CURVE_HEIGHT_PX } from './CurveChart.tsx'
import own from './CurveFigure.module.css'
import { CURVE_PLOT, CurveFrame } from './CurveFrame.tsx'
import type { ChartUnit } from './chart-types.ts'
import type { CurveBand, CurveChartProps, CurvePoint } from './curve-types.ts'
import styles from './LiveChart.module.css'
import { useWidth } from './use-chart-model.ts'
import { useInTurn } from './use-in-turn.ts'
import { FORMATS } from './value-format.ts'

/** The chart itself: heading, legend with the values that are read, plot, and the same data as a table. */
export function CurveFigure(props: CurveChartProps) {
  const { title, unit, series, band = null, points, marks, limits, yMax, xName, at, rest } = props
  const plot = useRef<HTMLDivElement>(null)
  const width = useWidth(plot)
  const [asTable, setAsTable] = useState(false)
  const name = useId()
  const read = at === null ? null : nearest(points, at)
  const shown = read ?? (rest === null ? null : nearest(points, rest))
  const format = FORMATS[unit]
  const frame = useInTurn(
    useMemo(
      () =>
        width > 0 && (
          <CurveFrame
            unit={unit}
            series={series}
            band={band}
            points={points}
            marks={marks}
            limits={limits}
            yMax={yMax}
            width={width}
            height={CURVE_HEIGHT_PX}
          />
        ),
      [unit, series, band, points, marks, limits, yMax, width],
    ),
  )
  return (
    <figure className={styles.figure} aria-labelledby={name}>
      <figcaption className={own.caption}>
        <h3 id={name}>{title}</h3>
        <ul className={cx(styles.legend, own.legend)}>
          {series.map(({ key, label, color, dash }) => (
            <li key={key}>
              <svg width="14" height="10" aria-hidden="true">
                <path d="M0 5H14" className={styles.line} style={{ stroke: color }} strokeDasharray={dash} />
              </svg>
              {label}{' '}
              <span className={styles.value}>{shown === null ? '' : format(shown.values[key] ?? null)}</span>
            </li>
          ))}
          {band !== null && (
            <li>
              <svg width="14" height="10" aria-hidden="true">
                <rect width="14" height="10" fill={band.color} fillOpacity="0.2" />
              </svg>
              {band.label}{' '}
              <span className={own.edges}>{shown === null ? '' : bandText(shown, band, unit)}</span>
            </li>
          )}
        </ul>
        <button
          type="button"
          className={styles.toggle}
          aria-pressed={asTable}
          onClick={() => setAsTable((shown) => !shown)}
        >
          Table
        </button>
      </figcaption>
      {asTable && <CurveTable {...props} />}
      <div ref={plot} className={styles.plot} style={{ height: CURVE_HEIGHT_PX }} hidden={asTable}>
        <div aria-hidden="true">{frame}</div>
        <Reader {...props} width={width} read={read} xName={xName} />
      </div>
    </figure>
  )
}

/** The edges of a band at one place; an em dash where there is none. */
function bandText({ values }: CurvePoint, { lowKey, highKey }: CurveBand, unit: ChartUnit): string {
  const [low, high] = [values[lowKey] ?? null, values[highKey] ?? null]
  return low === null || high === null
    ? FORMATS[unit](null)
    : `${FORMATS[unit](low)} to ${FORMATS[unit](high)}`
}

function nearest(points: readonly CurvePoint[], x: number): CurvePoint | null {
  let best: CurvePoint | null = null
  for (const point of points) if (best === null || Math.abs(point.x - x) < Math.abs(best.x - x)) best = point
  return best
}

/** The layer that takes the pointer and the keyboard. */
function Reader({
  title,
  unit,
  series,
  band = null,
  points,
  xName,
  onRead,
  width,
  read,
}: CurveChartProps & { width: number; read: CurvePoint | null }) {
  const layer = useRef<HTMLDivElement>(null)
  const [from, to] = [points[0]?.x ?? 0, points.at(-1)?.x ?? 1]
  const plotWidth = Math.max(1, width - CURVE_PLOT.left - CURVE_PLOT.right)
  const onPointerMove = (event: PointerEvent) => {
    if (layer.current === null) return
    const x = event.clientX - layer.current.getBoundingClientRect().left - CURVE_PLOT.left
    onRead(
      x < -8 || x > plotWidth + 8
        ? null
        : from + (Math.min(plotWidth, Math.max(0, x)) / plotWidth) * (to - from),
    )
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const index = read === null ? -1 : points.indexOf(read)
    const last = points.length - 1
    const next = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: last }[event.key]
    if (next === undefined) return
    event.preventDefault()
    const point = points[Math.min(last, Math.max(0, next))]
    if (point !== undefined) onRead(point.x)
  }
  const said = (point: CurvePoint) =>
    `${formatCount(point.x)} ${xName}: ${[
      ...series.map(({ key, label }) => `${label} ${FORMATS[unit](point.values[key] ?? null)}`),
      ...(band === null ? [] : [`${band.label} ${bandText(point, band, unit)}`]),
    ].join(', ')}`
  const left = read === null ? 0 : CURVE_PLOT.left + ((read.x - from) / Math.max(1, to - from)) * plotWidth
  return (
    <div
      ref={layer}
      className={styles.overlay}
      role="slider"
      tabIndex={0}
      aria-label={`${title}: ${xName} to read`}
      aria-valuemin={from}
      aria-valuemax={to}
      aria-valuenow={read === null ? from : read.x}
      aria-valuetext={read === null ? 'Arrow keys read the values.' : said(read)}
      onPointerMove={onPointerMove}
      onPointerDown={onPointerMove}
      onPointerLeave={({ pointerType }) => {
        if (pointerType !== 'touch') onRead(null)
      }}
      onBlur={() => onRead(null)}
      onKeyDown={onKeyDown}
    >
      {read !== null && (
        <>
          <div
            className={styles.crosshair}
            style={{
              transform: `translate(${Math.round(left)}px, ${CURVE_PLOT.top}px)`,
              height: CURVE_HEIGHT_PX - CURVE_PLOT.top - CURVE_PLOT.bottom,
            }}
          />
          <div
            className={styles.moment}
            aria-hidden="true"
            style={{
              transform: `translate(${Math.round(left)}px, ${CURVE_PLOT.top}px) translateX(${left > width / 2 ? 'calc(-100% - 8px)' : '8px'})`,
            }}
          >
            {formatCount(read.x)} {xName}
          </div>
        </>
      )}
    </div>
  )
}

/** The same in rows, smallest first; what is not known is an em dash. */
function CurveTable(props: CurveChartProps) {
  const { title, unit, xName, series, band = null, points } = props
  return (
    <section className={styles.table} aria-label={`${title}, as a table`}>
      {/* Focus in here is also what lets the keyboard scroll. */}
      <CopyButton text={() => csvOf(props)} what="the rows as CSV" />
      <table>
        <thead>
          <tr>
            <th scope="col">{xName}</th>
            {series.map(({ key, label }) => (
              <th key={key} scope="col">
                {label}
              </th>
            ))}
            {band !== null && <th scope="col">{band.label}</th>}
          </tr>
        </thead>
        <tbody>
          {points.map(({ x, values }) => (
            <tr key={x}>
              <th scope="row">{formatCount(x)}</th>
              {series.map(({ key }) => (
                <td key={key}>{FORMATS[unit](values[key] ?? null)}</td>
              ))}
              {band !== null && <td>{bandText({ x, values }, band, unit)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** The same as CSV: numbers as they are, in ms, bytes or as a ratio; what is not known is empty. */
function csvOf({ xName, series, band = null, points }: CurveChartProps): string {
  const columns = [
    ...series.map(({ key, label }) => ({ key, label })),
    ...(band === null
      ? []
      : [
          { key: band.lowKey, label: `${band.label} low` },
          { key: band.highKey, label: `${band.label} high` },
        ]),
  ]
  const rows = points.map(({ x, values }) => [x, ...columns.map(({ key }) => values[key] ?? '')])
  return [[xName, ...columns.map(({ label }) => `"${label.replaceAll('"', '""')}"`)], ...rows]
    .map((row) => row.join(','))
    .join('\n')
}
