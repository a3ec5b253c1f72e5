import type { ServerNow } from '@poolscope/protocol'
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

/** The server's own word for its limit. */
const LIMIT_NAMES: Partial<Record<ServerNow['system'], string>> = {
  postgresql: 'max_connections',
  mysql: 'max_connections',
  mariadb: 'max_connections',
  pgbouncer: 'max_client_conn',
  redis: 'maxclients',
}

/** A server's connections over the last five minutes against what it can take. */
export function ServerChart({ server }: { server: ServerNow }) {
  const { id, system, maxConnections, reservedConnections, connections } = server
  const source = useMemo(() => ({ kind: 'server' as const, id }), [id])
  const known = SERIES.filter(({ key }) => connections[key as keyof typeof connections] !== null)
  const keys = known.map(({ key }) => key).join()
  // What a kind of server does not know would leave a hole in the sum of all.
  const series = useMemo(
    () => (keys === '' ? SERIES : SERIES.filter(({ key }) => keys.split(',').includes(key))),
    [keys],
  )
  const reserved = reservedConnections !== null && reservedConnections > 0
  const limits = useMemo((): readonly ChartLimit[] => {
    const most: ChartLimit = { label: LIMIT_NAMES[system] ?? 'most connections', column: 'maxConnections' }
    if (!reserved) return [most]
    return [
      most,
      {
        label: 'reserved from here',
        read: (column) => column('maxConnections') - column('reservedConnections'),
      },
    ]
  }, [system, reserved])
  return (
    <div className={styles.chart}>
      <LiveChart
        title="Connections by state"
        unit="count"
        series={series}
        source={source}
        limits={limits}
        // Room for the label above the upper line.
        yMin={maxConnections === null ? 10 : maxConnections * 1.2}
        height={220}
        level={2}
        emptyText="No sample"
      />
    </div>
  )
}
