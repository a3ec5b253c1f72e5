import type { Prediction, TracedPool } from '@poolscope/sizing'
import { memo, useMemo, useState } from 'react'
import { type CurveBand, CurveChart, type CurveSeries } from '../charts/CurveChart.tsx'
import { replayCurve } from '../lib/replay-curve.ts'
import styles from './ReplayView.module.css'

const LOOKS = [
  { at: 'P50', label: 'replay p50', color: 'var(--p50)', dash: '2 2' },
  { at: 'P95', label: 'replay p95', color: 'var(--p95)', dash: '6 3' },
  { at: 'P99', label: 'replay p99', color: 'var(--p99)' },
] as const
const of = (what: string): CurveSeries[] => LOOKS.map(({ at, ...look }) => ({ key: `${what}${at}`, ...look }))

const ERLANG_LOOK = { color: 'var(--pending)', dash: '1 3' } as const
const WAIT: readonly CurveSeries[] = [
  ...of('wait'),
  { key: 'erlangP95', label: 'Erlang C p95', ...ERLANG_LOOK },
]
const TOTAL: readonly CurveSeries[] = of('total')
const TIMEOUTS: readonly CurveSeries[] = [
  { key: 'timeouts', label: 'replay', color: 'var(--p99)' },
  { key: 'erlangTimeouts', label: 'Erlang C', ...ERLANG_LOOK },
]
const WAIT_BAND: CurveBand = {
  lowKey: 'waitLow',
  highKey: 'waitHigh',
  label: 'p95 band',
  color: 'var(--p95)',
}
const TOTAL_BAND: CurveBand = {
  lowKey: 'totalLow',
  highKey: 'totalHigh',
  label: 'p95 band',
  color: 'var(--p95)',
}
const NO_LIMITS: readonly { label: string; value: number }[] = []

/** What each size would have done with the traffic, all read at the same size. Progress alone does not draw it again. */
export const ReplayCharts = memo(function ReplayCharts({
  prediction,
  pool,
  advised,
}: {
  prediction: Prediction
  pool: TracedPool
  advised: number | null
}) {
  const [at, setAt] = useState<number | null>(null)
  const { size, acquireTimeoutMs } = pool
  const curve = useMemo(
    () => replayCurve(prediction, size, acquireTimeoutMs, advised),
    [prediction, size, acquireTimeoutMs, advised],
  )
  const untold = prediction.sizes.find(({ identifiable }) => !identifiable)?.size ?? null
  const common = {
    xName: 'connections',
    points: curve.points,
    marks: curve.marks,
    limits: NO_LIMITS,
    at,
    rest: advised ?? size,
    onRead: setAt,
  }
  return (
    <>
      <div className={styles.charts}>
        <CurveChart
          title="Wait, replayed"
          unit="ms"
          series={WAIT}
          band={WAIT_BAND}
          yMax={curve.waitTopMs}
          {...common}
        />
        <CurveChart
          title="Wait and hold, replayed"
          unit="ms"
          series={TOTAL}
          band={curve.hasTotalBand ? TOTAL_BAND : null}
          yMax={curve.totalTopMs}
          {...common}
        />
        <CurveChart
          title="Time-outs, replayed"
          unit="ratio"
          series={TIMEOUTS}
          yMax={curve.timeoutTop}
          {...common}
        />
      </div>
      <p className={styles.note}>
        The band is what the evidence allows for the p95: its spread over parts of the record, and holds that
        may grow with concurrency. It is no confidence interval.
        {untold !== null &&
          ` From ${untold} on there is only the band: the record has not seen so many held at once, and what that does to a hold is not identifiable.`}{' '}
        Erlang C stands beside it with the same rate and mean hold: arrivals at random, exponential holds,
        nobody gives up.
      </p>
    </>
  )
})
