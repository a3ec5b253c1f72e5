import { useState } from 'react'
import { timeZoneName } from '../lib/format.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { csvOf, samplesShown } from './chart-csv.ts'
import type { ChartModel } from './chart-model.ts'
import type { ChartUnit } from './chart-types.ts'
import styles from './LiveChart.module.css'
import { writeMoment } from './moment-text.ts'
import { useVisibleInterval } from './use-interval.ts'
import { valueText } from './value-format.ts'

/** The table is read, not watched: it follows this seldom, ms. */
const RENEW_MS = 10_000

/** The same data as the chart in rows, newest first; gaps are rows of em dashes. Times that span days have their day. */
export function ChartTable({ model, unit, title }: { model: ChartModel; unit: ChartUnit; title: string }) {
  const [, renew] = useState(0)
  useVisibleInterval(() => renew((count) => count + 1), RENEW_MS)
  const rows = samplesShown(model).reverse()
  const { stepped } = model.feed
  return (
    <section className={styles.table} aria-label={`${title}, as a table`}>
      {/* Focus in here is also what lets the keyboard scroll. */}
      <CopyButton text={() => csvOf(model, unit)} what="the rows as CSV" />
      <table>
        <thead>
          <tr>
            <th scope="col">Time ({timeZoneName(model.endMs)})</th>
            {model.series.map((series, at) => (
              <th key={series.key} scope="col">
                {series.label}
                {stepped && model.peaks[at] != null && ', mean and max'}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((index) => (
            <tr key={model.times[index]}>
              <th scope="row">{writeMoment(model, model.times[index])}</th>
              {model.series.map((series, at) => (
                <td key={series.key}>{valueText(model, unit, at, index)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
