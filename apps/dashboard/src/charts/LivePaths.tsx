import { useId, useLayoutEffect, useRef } from 'react'
import { usePlotArea, useYAxisScale } from 'recharts'
import type { ChartModel } from './chart-model.ts'
import { drawings } from './drawings.ts'
import styles from './LiveChart.module.css'
import { areaPath, gapPath, linePath, type PlotGeometry, pickSamples } from './line-path.ts'
import { TimeLabels } from './time-labels.ts'

/** Samples further apart than this many ticks are not joined; one that was skipped is bridged. */
const GAP_TICKS = 2.5

/**
 * The part of a chart that moves: paths and time labels inside of the frame, written without
 * rendering each time the model has new data.
 */
export function LivePaths({ model, top }: { model: ChartModel; top: number }) {
  const plot = usePlotArea()
  const scale = useYAxisScale()
  const paths = useRef<(SVGPathElement | null)[]>([])
  const gaps = useRef<SVGPathElement>(null)
  const labels = useRef<SVGGElement>(null)
  const hatch = useId()

  useLayoutEffect(() => {
    const zeroY = scale?.(0)
    const topY = scale?.(top)
    if (plot === undefined || zeroY === undefined || topY === undefined || labels.current === null) return
    const timeLabels = new TimeLabels(labels.current, plot)
    const picked = new Int32Array(model.times.length * 3)
    let drawnGaps = ''
    const draw = () => {
      const geometry: PlotGeometry = {
        left: plot.x,
        width: plot.width,
        startMs: model.startMs,
        pxPerMs: plot.width / (model.endMs - model.startMs),
        zeroY,
        pxPerUnit: (zeroY - topY) / top,
        maxGapMs: model.tickMs * GAP_TICKS,
      }
      const { times } = model
      model.series.forEach((series, index) => {
        const edge = model.edges[index] as Float32Array
        const count = pickSamples(times, edge, geometry, picked)
        const d =
          series.kind === 'area'
            ? areaPath(times, edge, model.bases[index] ?? null, geometry, picked, count)
            : linePath(times, edge, geometry, picked, count)
        paths.current[index]?.setAttribute('d', d)
      })
      const bands = model.known ? gapPath(times, model.presentAt, geometry, plot.y, plot.height) : ''
      if (bands !== drawnGaps) gaps.current?.setAttribute('d', bands)
      drawnGaps = bands
      timeLabels.draw(geometry)
    }
    draw()
    return drawings.set(model, { draw, plot })
  }, [model, plot, scale, top])

  return (
    <g>
      <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path d="M0 0V6" className={styles.hatch} />
      </pattern>
      <path ref={gaps} fill={`url(#${hatch})`} />
      {model.series.map((series, index) => (
        <path
          key={series.key}
          ref={(element) => {
            paths.current[index] = element
          }}
          data-series={series.key}
          className={series.kind === 'area' ? styles.area : styles.line}
          style={series.kind === 'area' ? { fill: series.color } : { stroke: series.color }}
          strokeDasharray={series.dash}
        />
      ))}
      <g ref={labels} className={styles.times} />
    </g>
  )
}
