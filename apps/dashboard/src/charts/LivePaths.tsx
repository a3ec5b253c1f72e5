import { Fragment, useId, useLayoutEffect, useRef } from 'react'
import { usePlotArea, useYAxisScale } from 'recharts'
import type { ChartModel } from './chart-model.ts'
import { drawings } from './drawings.ts'
import styles from './LiveChart.module.css'
import {
  areaPath,
  bandPath,
  gapPath,
  linePath,
  type PathScale,
  PointTexts,
  pickSamples,
} from './line-path.ts'
import { drawLabels, labelTimes } from './time-labels.ts'

/** Samples further apart than this many steps are not joined; one that was skipped is bridged. */
const GAP_STEPS = 2.5
/** How far the moving group goes before its numbers start again, px: they would grow longer. */
const REACH_PX = 4000

const tenth = (value: number) => Math.round(value * 10) / 10

/**
 * The part of a chart that moves: paths and time labels inside of the frame, written without
 * rendering each time the model has new data.
 */
export function LivePaths({ model, top }: { model: ChartModel; top: number }) {
  const plot = usePlotArea()
  const yScale = useYAxisScale()
  const paths = useRef<(SVGPathElement | null)[]>([])
  const bands = useRef<(SVGPathElement | null)[]>([])
  const gaps = useRef<SVGPathElement>(null)
  const group = useRef<SVGGElement>(null)
  const labels = useRef<SVGGElement>(null)
  const hatch = useId()

  useLayoutEffect(() => {
    const zeroY = yScale?.(0)
    const topY = yScale?.(top)
    if (plot === undefined || zeroY === undefined || topY === undefined || labels.current === null) return
    const { feed, times } = model
    const pxPerUnit = (zeroY - topY) / top
    const picked = new Int32Array(times.length * 3)
    const moving = labels.current
    let scale: PathScale | null = null
    let texts: PointTexts[] = []
    let peakTexts: PointTexts[] = []
    let drawnGaps = ''
    let drawnLabels = ''
    const draw = () => {
      const { startMs, endMs } = model
      if (Number.isNaN(startMs)) return
      const pxPerMs = plot.width / model.windowMs
      const geometry = {
        left: plot.x,
        width: plot.width,
        startMs,
        pxPerMs,
        maxGapMs: Math.max(feed.stepMs, feed.tickMs) * GAP_STEPS,
      }
      if (scale?.pxPerMs !== pxPerMs || Math.abs(startMs - scale.anchorMs) * pxPerMs > REACH_PX) {
        scale = { anchorMs: startMs, pxPerMs, zeroY, pxPerUnit }
        const fresh = scale
        texts = model.series.map(() => new PointTexts(fresh, times.length))
        peakTexts = model.series.map(() => new PointTexts(fresh, times.length))
        drawnLabels = ''
      }
      const first = feed.firstNumber
      model.series.forEach((series, index) => {
        const edge = model.edges[index] as Float32Array
        const own = texts[index] as PointTexts
        const textOf = (i: number) => own.at(first + i, times[i] as number, edge[i] as number)
        const count = pickSamples(times, edge, geometry, picked)
        const d =
          series.kind === 'area' ? areaPath(picked, count, textOf, zeroY) : linePath(picked, count, textOf)
        paths.current[index]?.setAttribute('d', d)
        const peak = model.peaks[index]
        const highs = peakTexts[index] as PointTexts
        const highOf = (i: number) => highs.at(first + i, times[i] as number, peak?.[i] as number)
        const band =
          peak == null ? '' : bandPath(picked, pickSamples(times, peak, geometry, picked), highOf, textOf)
        const element = bands.current[index]
        if (band !== '' || element?.hasAttribute('d')) element?.setAttribute('d', band)
      })
      const marks = labelTimes(startMs, endMs, plot.width)
      const labelled = marks.times.join()
      if (labelled !== drawnLabels) {
        drawnLabels = labelled
        drawLabels(moving, marks, scale, plot.y + plot.height)
      }
      const shift = tenth(plot.x - (startMs - scale.anchorMs) * pxPerMs)
      group.current?.setAttribute('transform', `translate(${shift} 0)`)
      const unknown = model.known
        ? gapPath(times, feed.stale, geometry, feed.untilMs, plot.y, plot.height)
        : ''
      if (unknown !== drawnGaps) gaps.current?.setAttribute('d', unknown)
      drawnGaps = unknown
    }
    draw()
    return drawings.set(model, { draw, plot })
  }, [model, plot, yScale, top])

  return (
    <g>
      <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path d="M0 0V6" className={styles.hatch} />
      </pattern>
      <path ref={gaps} fill={`url(#${hatch})`} />
      <g ref={group}>
        {inPaintOrder(model).map(({ series, index }) => (
          <Fragment key={series.key}>
            <path
              ref={(element) => {
                bands.current[index] = element
              }}
              className={styles.band}
              style={{ fill: series.color }}
            />
            <path
              ref={(element) => {
                paths.current[index] = element
              }}
              data-series={series.key}
              className={series.kind === 'area' ? styles.area : styles.line}
              style={series.kind === 'area' ? { fill: series.color } : { stroke: series.color }}
              strokeDasharray={series.dash}
            />
          </Fragment>
        ))}
        <g ref={labels} className={styles.times} />
      </g>
    </g>
  )
}

/** Areas from the top of the stack down, each to zero and hidden below the next one; lines above them. */
function inPaintOrder(model: ChartModel) {
  const all = model.series.map((series, index) => ({ series, index }))
  const areas = all.filter(({ series }) => series.kind === 'area')
  return [...areas.reverse(), ...all.filter(({ series }) => series.kind !== 'area')]
}
