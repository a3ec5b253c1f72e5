import { useState } from 'react'
import { formatTime, timeZoneName } from '../lib/format.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import type { ChartModel } from './chart-model.ts'
import type { ChartUnit } from './chart-types.ts'
import styles from './LiveChart.module.css'
import { useVisibleInterval } from './use-interval.ts'
import { FORMATS } from './value-format.ts'

/** The table is read, not watched: it follows this seldom, ms. */
const RENEW_MS = 10_000

/** The same data as the chart in rows, newest first; gaps are rows of em dashes. */
export function ChartTable({ model, unit, title }: { model: ChartModel; unit: ChartUnit; title: string }) {
  const [, renew] = useState(0)
  useVisibleInterval(() => renew((count) => count + 1), RENEW_MS)
  const rows: number[] = []
  let begun = false
  for (let i = 0; i < model.times.length; i++) {
    begun ||= model.presentAt(i)
    if (begun && !Number.isNaN(model.times[i] as number)) rows.unshift(i)
  }
  const format = FORMATS[unit]
  return (
    <section className={styles.table} aria-label={`${title}, as a table`}>
      {/* Focus in here is also what lets the keyboard scroll. */}
      <CopyButton text={() => csvOf(model, rows)} what="the rows as CSV" />
      <table>
        <thead>
          <tr>
            <th scope="col">Time ({timeZoneName(model.endMs)})</th>
            {model.series.map((series) => (
              <th key={series.key} scope="col">
                {series.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((index) => (
            <tr key={model.times[index]}>
              <th scope="row">{formatTime(model.times[index])}</th>
              {model.series.map((series, at) => (
                <td key={series.key}>{format(model.valueAt(at, index))}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** Full precision, times in UTC by ISO 8601, oldest first; what is not known is empty. */
function csvOf(model: ChartModel, newestFirst: readonly number[]): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  const head = ['time', ...model.series.map((series) => quoted(series.label))]
  const rows = newestFirst.toReversed().map((index) => {
    const values = model.series.map((_, at) => model.valueAt(at, index) ?? '')
    return [new Date(model.times[index] as number).toISOString(), ...values].join()
  })
  return [head.join(), ...rows].join('\n')
}
