import { memo, type Ref, useImperativeHandle, useRef } from 'react'
import { cx } from '../lib/cx.ts'
import { formatAge } from '../lib/format.ts'
import type { ChartModel } from './chart-model.ts'
import type { ChartUnit } from './chart-types.ts'
import styles from './LiveChart.module.css'
import { valueText } from './value-format.ts'

export type ChartLegendHandle = {
  /** Writes the values of a sample into the legend. */
  show: (index: number) => void
}

/** The series of a chart with how they are drawn, and their values at the crosshair or now. */
export const ChartLegend = memo(function ChartLegend({
  model,
  unit,
  stepMs,
  ref,
}: {
  model: ChartModel
  unit: ChartUnit
  /** What a sample stands for, ms; null where each is one tick. */
  stepMs: number | null
  ref: Ref<ChartLegendHandle>
}) {
  const values = useRef<(HTMLElement | null)[]>([])
  const shown = useRef<string[]>([])
  useImperativeHandle(ref, () => ({
    show: (index) => {
      for (let i = 0; i < model.series.length; i++) {
        const text = valueText(model, unit, i, index)
        const element = values.current[i]
        if (shown.current[i] === text || !element) continue
        shown.current[i] = text
        // The text node stays: replacing its data is the cheapest change there is.
        if (element.firstChild === null) element.textContent = text
        else element.firstChild.nodeValue = text
      }
    },
  }))
  return (
    <ul className={styles.legend}>
      {model.series.map((series, index) => (
        <li key={series.key}>
          <svg width="14" height="10" aria-hidden="true">
            {series.kind === 'area' ? (
              <rect width="14" height="10" rx="2" style={{ fill: series.color }} />
            ) : (
              <path
                d="M0 5H14"
                className={styles.line}
                style={{ stroke: series.color }}
                strokeDasharray={series.dash}
              />
            )}
          </svg>
          {series.label}{' '}
          <span
            className={cx(styles.value, stepMs !== null && styles.wide)}
            ref={(element) => {
              values.current[index] = element
            }}
          />
        </li>
      ))}
      {stepMs !== null && (
        <li className={styles.step}>
          <svg width="14" height="10" aria-hidden="true">
            <path d="M0 8L4 1L9 3L14 0V8L9 9L4 7L0 9Z" className={styles.band} fill="currentColor" />
          </svg>
          mean and max per {formatAge(stepMs)}
        </li>
      )}
    </ul>
  )
})
