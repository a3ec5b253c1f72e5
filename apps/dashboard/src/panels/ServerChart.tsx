import { useMemo } from 'react'
import { type ChartLimit, type ChartSeries, LiveChart } from '../charts/LiveChart.tsx'
import styles from './PoolCharts.module.css'

const SERIES: readonly ChartSeries[] = [
  { key: 'active', label: 'active', column: 'active', color: 'var(--used)', kind: 'area' },
  {
    key: 'idleInTransaction',
    label: 'idle in transaction',
    column: 'idleInTransaction',
    color: 'var(--pending)',
    kind: 'area',
  },
  { key: 'idle', label: 'idle', column: 'idle', color: 'var(--idle)', kind: 'area' },
  { key: 'other', label: 'other', column: 'other', color: 'var(--text-3)', kind: 'area' },
]

const LIMITS: readonly ChartLimit[] = [
  { label: 'max_connections', column: 'maxConnections' },
  {
    label: 'reserved from here',
    read: (column) => column('maxConnections') - column('reservedConnections'),
  },
]

/** A server's connections over the last five minutes against what it can take. */
export function ServerChart({ id, maxConnections }: { id: string; maxConnections: number | null }) {
  const source = useMemo(() => ({ kind: 'server' as const, id }), [id])
  return (
    <div className={styles.chart}>
      <LiveChart
        title="Connections by state"
        unit="count"
        series={SERIES}
        source={source}
        limits={LIMITS}
        // Room for the label above the upper line.
        yMin={maxConnections === null ? 10 : maxConnections * 1.2}
        height={220}
        level={2}
        emptyText="No sample in the last five minutes."
      />
    </div>
  )
}
