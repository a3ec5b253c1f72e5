import type { SessionCount } from '@poolscope/protocol'
import type { ReactNode } from 'react'
import { formatCount } from '../lib/format.ts'
import { Card } from '../ui/Card.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import { Meter } from '../ui/Meter.tsx'
import styles from './ConnectionsBy.module.css'

/** Rows before the rest is summed up. */
const TOP = 8

/** Connections of a server that share an application, a user or a database, the most first. */
export function ConnectionsBy({
  title,
  label,
  counts,
  nameless,
  limit,
  chosen,
  onChoose,
}: {
  title: string
  label: string
  counts: readonly SessionCount[]
  /** What an empty key is called. */
  nameless: string
  /** The length of a whole bar: all connections of the server. */
  limit: number | null
  chosen: string
  onChoose: (key: string) => void
}) {
  const columns: readonly TableColumn<SessionCount>[] = [
    {
      id: 'key',
      label,
      cell: ({ key }) => (
        <button
          type="button"
          className={styles.key}
          aria-pressed={key === chosen}
          title={key === '' ? nameless : key}
          onClick={() => onChoose(key === chosen ? '' : key)}
        >
          {key === '' ? nameless : key}
        </button>
      ),
    },
    {
      id: 'bar',
      label: 'Share',
      wide: true,
      cell: ({ active, idleInTransaction, total }) => (
        <Meter part={active + idleInTransaction} more={total - active - idleInTransaction} limit={limit} />
      ),
    },
    { id: 'total', label: 'All', end: true, cell: ({ total }): ReactNode => formatCount(total) },
    { id: 'active', label: 'Active', end: true, cell: ({ active }) => quiet(active) },
    { id: 'tx', label: 'Idle in tx', end: true, cell: ({ idleInTransaction }) => quiet(idleInTransaction) },
  ]
  const rest = counts.slice(TOP).reduce((sum, { total }) => sum + total, 0)
  return (
    <Card title={title} note={formatCount(counts.length)} flush>
      {counts.length === 0 ? (
        <p className={styles.empty}>None connected.</p>
      ) : (
        <DataTable caption={title} columns={columns} rows={counts.slice(0, TOP)} rowKey={({ key }) => key} />
      )}
      {rest > 0 && (
        <p className={styles.rest}>
          and {formatCount(counts.length - TOP)} more with {formatCount(rest)} connections
        </p>
      )}
    </Card>
  )
}

function quiet(count: number): ReactNode {
  return count === 0 ? <span className={styles.quiet}>0</span> : formatCount(count)
}
