import type { Statement, Statements } from '@poolscope/protocol'
import { Link } from 'wouter'
import { useStatementsQuery } from '../api/queries.ts'
import { formatAge, formatCount, formatMs, formatRatio, UNKNOWN } from '../lib/format.ts'
import { useQueryState } from '../lib/query-state.ts'
import { STATEMENT_MINUTES, STATEMENT_QUERY, type StatementOrder } from '../lib/statement-query.ts'
import { useIsRecorded } from '../live/hooks.ts'
import { Card } from '../ui/Card.tsx'
import { CopyButton } from '../ui/CopyButton.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import { Select } from '../ui/Select.tsx'
import styles from './StatementsTable.module.css'

const OVER = STATEMENT_MINUTES.map((value) => ({
  value,
  label: value === '1' ? 'last minute' : `last ${value} minutes`,
}))

const SOURCES: Record<NonNullable<Statements['source']>, string> = {
  pg_stat_statements: 'counted by pg_stat_statements',
  performance_schema: 'counted by performance_schema',
  slowlog: 'from the slow log: what was slower than its threshold',
  sampled:
    'sampled from sessions once a second: what ends between two samples is not seen, calls are a lower bound',
}

/** The statements of a server over the last minutes, without anything that a user typed into them. */
export function StatementsTable({
  serverId,
  poolName,
  poolHref,
}: {
  serverId: string
  /** A short name of a pool; null when it is not in the fleet (any more). */
  poolName: (poolId: string) => string | null
  poolHref: (poolId: string) => string | null
}) {
  const [{ sql, over }, setQuery] = useQueryState(STATEMENT_QUERY)
  const isRecorded = useIsRecorded()
  const { data, error } = useStatementsQuery(serverId, sql.column, Number(over) * 60_000)
  const columns: readonly TableColumn<Statement, StatementOrder | 'text' | 'pools' | 'share'>[] = [
    {
      id: 'text',
      label: 'Statement',
      wide: true,
      cell: ({ text, user, database }) => (
        <div className={styles.statement}>
          <code className={styles.text} title={text}>
            {text}
          </code>
          <span className={styles.by}>
            {[user, database].filter((part) => part !== null).join(' @ ') || ' '}
          </span>
          <CopyButton text={text} what="the statement" />
        </div>
      ),
    },
    {
      id: 'total',
      label: 'Total',
      end: true,
      sortFirst: 'descending',
      cell: ({ totalMs }) => formatMs(totalMs),
    },
    { id: 'share', label: 'Share', end: true, cell: ({ shareRatio }) => formatRatio(shareRatio) },
    {
      id: 'calls',
      label: 'Calls',
      end: true,
      sortFirst: 'descending',
      cell: ({ calls }) => formatCount(calls),
    },
    { id: 'mean', label: 'Mean', end: true, sortFirst: 'descending', cell: ({ meanMs }) => formatMs(meanMs) },
    {
      id: 'p95',
      label: 'p95',
      end: true,
      sortFirst: 'descending',
      hideBelow: 'medium',
      cell: ({ p95Ms }) => formatMs(p95Ms),
    },
    {
      id: 'max',
      label: 'Max',
      end: true,
      sortFirst: 'descending',
      hideBelow: 'medium',
      cell: ({ maxMs }) => formatMs(maxMs),
    },
    {
      id: 'rows',
      label: 'Rows',
      end: true,
      sortFirst: 'descending',
      hideBelow: 'narrow',
      cell: ({ rows }) => (rows === null ? UNKNOWN : formatCount(rows)),
    },
    {
      id: 'pools',
      label: 'Pools',
      hideBelow: 'medium',
      cell: ({ poolIds }) => <Pools ids={poolIds} nameOf={poolName} hrefOf={poolHref} />,
    },
  ]
  return (
    <Card
      title="Statements"
      note={data === undefined || data.source === null ? undefined : SOURCES[data.source]}
      actions={
        <Select label="Over" value={over} options={OVER} onChange={(chosen) => setQuery({ over: chosen })} />
      }
      flush
    >
      {data === undefined || data.statements.length === 0 ? (
        <p className={styles.empty}>
          {error !== null ? `They could not be read: ${error.message}` : emptyText(data, isRecorded)}
        </p>
      ) : (
        <DataTable
          caption="Statements"
          columns={columns}
          rows={data.statements}
          rowKey={({ id }) => id}
          sort={sql}
          onSort={({ column }) => {
            const order = ORDERS[column]
            // The agent answers the most first, whatever the order: the other end is noise.
            if (order !== undefined) setQuery({ sql: { column: order, descending: true } })
          }}
        />
      )}
      {data !== undefined && data.statements.length > 0 && (
        <p className={styles.rest}>
          {data.total > data.statements.length &&
            `The first ${formatCount(data.statements.length)} of ${formatCount(data.total)}. `}
          Over {formatAge(data.windowMs)}. Literals are removed before anything is kept; max is since the
          server began to count.
        </p>
      )}
    </Card>
  )
}

const ORDERS: Partial<Record<string, StatementOrder>> = {
  total: 'total',
  calls: 'calls',
  mean: 'mean',
  p95: 'p95',
  max: 'max',
  rows: 'rows',
}

function emptyText(data: Statements | undefined, isRecorded: boolean): string {
  if (isRecorded) return 'Statements are not in the recording.'
  if (data === undefined) return 'Reading …'
  if (data.source === null) return 'This server tells nothing of its statements yet.'
  return data.windowMs === null
    ? 'Counting has begun: the first numbers are there within ten seconds.'
    : 'No statement ran.'
}

/** Most pools that a cell names. */
const FEW = 2

function Pools({
  ids,
  nameOf,
  hrefOf,
}: {
  ids: readonly string[]
  nameOf: (poolId: string) => string | null
  hrefOf: (poolId: string) => string | null
}) {
  const known = new Map(
    ids.flatMap((id): [string, string][] => {
      const [name, href] = [nameOf(id), hrefOf(id)]
      return name === null || href === null ? [] : [[name, href]]
    }),
  )
  const rest = known.size - FEW
  return (
    <>
      {[...known].slice(0, FEW).map(([name, href]) => (
        <Link key={name} href={href} className={styles.pool}>
          {name}
        </Link>
      ))}
      {rest > 0 && <span className={styles.by}>and {formatCount(rest)} more</span>}
    </>
  )
}
