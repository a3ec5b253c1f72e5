import { useEffect, useId, useMemo, useRef, useState } from 'react'
import { useAnnotations } from '../api/annotations.ts'
import { timeZoneName } from '../lib/format.ts'
import { spanName } from '../lib/range-text.ts'
import { fileName, saveFile } from '../lib/save-file.ts'
import type { TimeRange } from '../lib/time-range.ts'
import { useTimeRange } from '../lib/use-time-range.ts'
import { useLiveStore } from '../live/hooks.ts'
import { StatusShape } from '../ui/StatusMark.tsx'
import { concerns, marksOf, subjectOf } from './annotation-marks.ts'
import { ChartFrame } from './ChartFrame.tsx'
import { ChartLegend, type ChartLegendHandle } from './ChartLegend.tsx'
import { ChartOverlay, type ChartOverlayHandle } from './ChartOverlay.tsx'
import { ChartTable } from './ChartTable.tsx'
import { csvOf } from './chart-csv.ts'
import { plotOf } from './chart-geometry.ts'
import type { ChartModel } from './chart-model.ts'
import { summarize } from './chart-summary.ts'
import type { ChartUnit, LiveChartProps } from './chart-types.ts'
import styles from './LiveChart.module.css'
import { mountInTurn } from './mount-queue.ts'
import { PastLayer, type PastLayerHandle } from './PastLayer.tsx'
import { type PastState, useChartModel, useWidth } from './use-chart-model.ts'
import { useVisibleInterval } from './use-interval.ts'
import { FORMATS } from './value-format.ts'

/** The summary is kept current this seldom: somebody may be in the middle of hearing it. */
const SUMMARY_MS = 10_000

/** The chart itself: heading, legend, plot, and the same data as a table or a file. */
export function ChartFigure(props: LiveChartProps) {
  const { title, unit, source, height = 180, level = 3 } = props
  const store = useLiveStore()
  const range = useTimeRange()
  const figure = useRef<HTMLElement>(null)
  const plot = useRef<HTMLDivElement>(null)
  const legend = useRef<ChartLegendHandle>(null)
  const overlay = useRef<ChartOverlayHandle>(null)
  const layer = useRef<PastLayerHandle>(null)
  const { model, frame, past } = useChartModel(props, range, figure, legend, overlay, layer)
  const width = useWidth(plot)
  const [asTable, setAsTable] = useState(false)
  const [mounted, setMounted] = useState(false)
  const name = useId()
  const summary = useId()
  const happened = useAnnotations(range, frame.known)
  const annotations = useMemo(() => {
    const subject = subjectOf(source, store.view.groups)
    return happened.filter((annotation) => concerns(annotation, subject))
  }, [store, source, happened])
  useEffect(() => mountInTurn(() => setMounted(true)), [])

  const saveCsv = () => {
    const csv = new Blob([csvOf(model, unit)], { type: 'text/csv;charset=utf-8' })
    saveFile(fileName(`${subjectName()} ${title}`, model.startMs, 'csv'), csv)
  }
  const savePng = async () => {
    const svg = plot.current?.querySelector<SVGSVGElement>('svg.recharts-surface')
    if (svg == null || figure.current === null) return
    const { pngOf } = await import('./chart-png.ts')
    const area = plotOf(width, height)
    const pxPerMs = area.width / model.windowMs
    const marks = marksOf(annotations, pxPerMs)
      .map(({ atMs, letter }) => ({ x: area.x + (atMs - model.startMs) * pxPerMs, text: letter }))
      .filter(({ x }) => x >= area.x && x <= area.x + area.width)
    const image = { model, unit, title, subject: subjectName(), svg, surface: figure.current, marks }
    saveFile(fileName(`${subjectName()} ${title}`, model.startMs, 'png'), await pngOf(image))
  }

  const Heading = `h${level}` as const
  return (
    <figure ref={figure} className={styles.figure} aria-labelledby={name}>
      <figcaption className={styles.caption}>
        <Heading id={name}>{title}</Heading>
        <div className={styles.tools}>
          <button
            type="button"
            className={styles.toggle}
            aria-pressed={asTable}
            onClick={() => setAsTable((shown) => !shown)}
          >
            Table
          </button>
          <button
            type="button"
            className={styles.toggle}
            aria-label={`${title}: save as CSV`}
            disabled={!frame.known}
            onClick={saveCsv}
          >
            CSV
          </button>
          <button
            type="button"
            className={styles.toggle}
            aria-label={`${title}: save as PNG`}
            disabled={!frame.known || asTable}
            onClick={savePng}
          >
            PNG
          </button>
        </div>
        <ChartLegend ref={legend} model={model} unit={unit} stepMs={frame.stepMs} />
      </figcaption>
      <Summary id={summary} model={model} unit={unit} />
      <Failed past={past} />
      {asTable && <ChartTable model={model} unit={unit} title={title} />}
      <div
        ref={plot}
        className={styles.plot}
        style={{ height }}
        hidden={asTable}
        aria-busy={past.loading || undefined}
      >
        <div aria-hidden="true">
          {mounted && width > 0 && (
            <ChartFrame
              model={model}
              unit={unit}
              width={width}
              height={height}
              ticks={frame.ticks}
              limits={frame.limits}
            />
          )}
        </div>
        {frame.known && <span className={styles.zone}>{timeZoneName(model.endMs)}</span>}
        {!frame.known && <p className={styles.empty}>{emptyText(props, model, range, past)}</p>}
        <ChartOverlay ref={overlay} model={model} unit={unit} title={title} describedBy={summary}>
          {mounted && frame.known && width > 0 && (past.asked || annotations.length > 0) && (
            <PastLayer ref={layer} model={model} annotations={annotations} width={width} height={height} />
          )}
        </ChartOverlay>
      </div>
    </figure>
  )
}

/** The pool or server that the page is about, as its title has it. */
const subjectName = () => document.title.split(' · ')[0] ?? ''

/** Why there is nothing to see. */
function emptyText(props: LiveChartProps, model: ChartModel, range: TimeRange, past: PastState): string {
  if (past.loading) return 'Loading …'
  const time = range.kind === 'live' ? `the last ${spanName(range.spanMs)}` : 'this time'
  if (model.feed.stale.includes(0) || range.kind === 'live') return `${props.emptyText} in ${time}.`
  return 'No numbers of this time are kept: the agent did not run, had not heard of it yet, or keeps less of the past.'
}

/** Says that what is shown lacks the past, and offers to ask for it again. */
function Failed({ past: { error, retry } }: { past: PastState }) {
  if (error === null) return null
  return (
    <p className={styles.failed}>
      <span>
        <StatusShape status="warning" /> The past could not be loaded: {error.message}
      </span>
      <button type="button" className={styles.toggle} onClick={retry}>
        Try again
      </button>
    </p>
  )
}

function Summary({ id, model, unit }: { id: string; model: ChartModel; unit: ChartUnit }) {
  const [text, setText] = useState('')
  useVisibleInterval(() => setText(summarize(model, FORMATS[unit])), SUMMARY_MS)
  return (
    <p id={id} className="spoken">
      {text}
    </p>
  )
}
