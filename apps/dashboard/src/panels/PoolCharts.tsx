import type { Origin } from '@poolscope/protocol'
import { useMemo } from 'react'
import { type ChartLimit, type ChartSeries, LiveChart, type LiveChartProps } from '../charts/LiveChart.tsx'
import styles from './PoolCharts.module.css'

export const CONNECTIONS: readonly ChartSeries[] = [
  { key: 'inUse', label: 'in use', column: 'inUse', color: 'var(--used)', kind: 'area' },
  { key: 'idle', label: 'idle', column: 'idle', color: 'var(--idle)', kind: 'area' },
  { key: 'connecting', label: 'connecting', column: 'connecting', color: 'var(--pending)', dash: '4 3' },
]

const OBSERVED: readonly ChartSeries[] = CONNECTIONS.slice(0, 2)

export const WAITING: readonly ChartSeries[] = [
  { key: 'waiting', label: 'waiting', column: 'waiting', color: 'var(--pending)', kind: 'area' },
  { key: 'waitingPeak', label: 'peak', column: 'waitingPeak', color: 'var(--text-3)', dash: '2 3' },
]

export const WAIT: readonly ChartSeries[] = [
  { key: 'p50', label: 'p50', column: 'waitP50Ms', color: 'var(--p50)', dash: '1.5 3' },
  { key: 'p95', label: 'p95', column: 'waitP95Ms', color: 'var(--p95)', dash: '5 3' },
  { key: 'p99', label: 'p99', column: 'waitP99Ms', color: 'var(--p99)' },
  { key: 'oldest', label: 'still waiting', column: 'oldestWaitMs', color: 'var(--pending)' },
]

export const HOLD: readonly ChartSeries[] = [
  { key: 'p50', label: 'p50', column: 'holdP50Ms', color: 'var(--p50)', dash: '1.5 3' },
  { key: 'p95', label: 'p95', column: 'holdP95Ms', color: 'var(--p95)', dash: '5 3' },
  { key: 'p99', label: 'p99', column: 'holdP99Ms', color: 'var(--p99)' },
]

const HOLD_SPLIT: readonly ChartSeries[] = [
  { key: 'busy', label: 'statement running', column: 'holdBusyRatio', color: 'var(--used)', kind: 'area' },
]

const CHECKOUTS: readonly ChartSeries[] = [
  { key: 'checkouts', label: 'checkouts', column: 'checkoutsPerSec', color: 'var(--used)' },
]

const FAILURES: readonly ChartSeries[] = [
  { key: 'timeouts', label: 'time-outs', column: 'timeoutsPerSec', color: 'var(--pending)' },
  { key: 'errors', label: 'errors', column: 'errorsPerSec', color: 'var(--critical)', dash: '5 3' },
]

export const MAX: readonly ChartLimit[] = [{ label: 'max', column: 'max' }]

/** A pool group, or one of its pools, over time: from what fills up first to what fails last. */
export function PoolCharts({
  kind,
  id,
  origin,
  acquireTimeoutMs,
}: {
  kind: 'group' | 'pool'
  id: string
  origin: Origin
  /** The shortest among the instances; null when they wait for ever. */
  acquireTimeoutMs: number | null
}) {
  const source = useMemo(() => ({ kind, id }), [kind, id])
  const timeout = useMemo<readonly ChartLimit[]>(
    () => (acquireTimeoutMs === null ? [] : [{ label: 'acquire time-out', value: acquireTimeoutMs }]),
    [acquireTimeoutMs],
  )
  if (origin === 'observed') {
    return (
      <div className={styles.charts}>
        <Chart
          title="Connections"
          unit="count"
          series={OBSERVED}
          source={source}
          yMin={4}
          emptyText="No sample"
        />
      </div>
    )
  }
  return (
    <div className={styles.charts}>
      <Chart
        title="Connections"
        unit="count"
        series={CONNECTIONS}
        source={source}
        limits={MAX}
        yMin={4}
        emptyText="No report"
      />
      <Chart
        title="Waiting for a connection"
        unit="count"
        series={WAITING}
        source={source}
        yMin={4}
        emptyText="No report"
      />
      <Chart
        title="Wait time"
        unit="ms"
        series={WAIT}
        source={source}
        limits={timeout}
        yMin={10}
        emptyText="Nobody asked for a connection"
      />
      <Chart
        title="Hold time"
        unit="ms"
        series={HOLD}
        source={source}
        yMin={10}
        emptyText="No connection was given back"
      />
      <Chart
        title="Busy part of hold time"
        unit="ratio"
        series={HOLD_SPLIT}
        source={source}
        yMin={1}
        emptyText="No held connection was looked at in the last five minutes, or its driver does not tell."
      />
      <Chart
        title="Checkouts"
        unit="rate"
        series={CHECKOUTS}
        source={source}
        yMin={5}
        emptyText="No report"
      />
      <Chart
        title="Time-outs and errors"
        unit="rate"
        series={FAILURES}
        source={source}
        yMin={1}
        emptyText="No report"
      />
    </div>
  )
}

function Chart(props: Omit<LiveChartProps, 'level'>) {
  return (
    <div className={styles.chart}>
      <LiveChart {...props} level={2} />
    </div>
  )
}
