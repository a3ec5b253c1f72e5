import { useEffect, useId, useRef, useState } from 'react'
import { timeZoneName } from '../lib/format.ts'
import { ChartFrame } from './ChartFrame.tsx'
import { ChartLegend, type ChartLegendHandle } from './ChartLegend.tsx'
import { ChartOverlay, type ChartOverlayHandle } from './ChartOverlay.tsx'
import { ChartTable } from './ChartTable.tsx'
import type { ChartModel } from './chart-model.ts'
import { summarize } from './chart-summary.ts'
import type { ChartUnit, LiveChartProps } from './chart-types.ts'
import styles from './LiveChart.module.css'
import { mountInTurn } from './mount-queue.ts'
import { useVisibleInterval } from './use-interval.ts'
import { useLiveModel, useWidth } from './use-live-model.ts'
import { FORMATS } from './value-format.ts'

/** The summary is kept current this seldom: somebody may be in the middle of hearing it. */
const SUMMARY_MS = 10_000

/** The chart itself: heading, legend, plot, and the same data as a table. */
export function ChartFigure(props: LiveChartProps) {
  const { title, unit, emptyText, height = 180, level = 3 } = props
  const figure = useRef<HTMLElement>(null)
  const plot = useRef<HTMLDivElement>(null)
  const legend = useRef<ChartLegendHandle>(null)
  const overlay = useRef<ChartOverlayHandle>(null)
  const { model, frame } = useLiveModel(props, figure, legend, overlay)
  const width = useWidth(plot)
  const [asTable, setAsTable] = useState(false)
  const [mounted, setMounted] = useState(false)
  const name = useId()
  const summary = useId()
  useEffect(() => mountInTurn(() => setMounted(true)), [])
  const Heading = `h${level}` as const
  return (
    <figure ref={figure} className={styles.figure} aria-labelledby={name}>
      <figcaption className={styles.caption}>
        <Heading id={name}>{title}</Heading>
        <ChartLegend ref={legend} model={model} unit={unit} />
        <button
          type="button"
          className={styles.toggle}
          aria-pressed={asTable}
          onClick={() => setAsTable((shown) => !shown)}
        >
          Table
        </button>
      </figcaption>
      <Summary id={summary} model={model} unit={unit} />
      {asTable && <ChartTable model={model} unit={unit} title={title} />}
      <div ref={plot} className={styles.plot} style={{ height }} hidden={asTable}>
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
        {frame.known ? null : <p className={styles.empty}>{emptyText}</p>}
        <ChartOverlay ref={overlay} model={model} unit={unit} title={title} describedBy={summary} />
      </div>
    </figure>
  )
}

function Summary({ id, model, unit }: { id: string; model: ChartModel; unit: ChartUnit }) {
  const [text, setText] = useState('')
  useVisibleInterval(() => setText(summarize(model, FORMATS[unit])), SUMMARY_MS)
  return (
    <p id={id} className={styles.summary}>
      {text}
    </p>
  )
}
