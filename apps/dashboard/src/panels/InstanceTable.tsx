import type { PoolNow } from '@poolscope/protocol'
import { useState } from 'react'
import { formatAgeShort, formatCount, formatMs, formatRate } from '../lib/format.ts'
import { compareBy, type SortKey } from '../lib/order.ts'
import type { Sort } from '../lib/query-state.ts'
import { Card } from '../ui/Card.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import { Meter } from '../ui/Meter.tsx'
import { StatusMark } from '../ui/StatusMark.tsx'
import styles from './InstanceTable.module.css'

type Column = 'status' | 'instance' | 'used' | 'waiting' | 'wait' | 'hold' | 'checkouts' | 'failed'

const RANK = { ok: 0, unknown: 1, stale: 2, warning: 3, critical: 4 }

const KEYS: Readonly<Record<Column, (pool: PoolNow) => SortKey>> = {
  status: (pool) => RANK[pool.status],
  instance: (pool) => pool.instance,
  used: (pool) => (pool.max === null ? pool.inUse : pool.utilizationRatio),
  waiting: (pool) => pool.waiting,
  wait: (pool) => pool.waitMs.p99,
  hold: (pool) => pool.holdMs.p99,
  checkouts: (pool) => pool.checkoutsPerSec,
  failed: failedOf,
}

function failedOf({ timeoutsPerSec, errorsPerSec }: PoolNow): number | null {
  return timeoutsPerSec === null || errorsPerSec === null ? null : timeoutsPerSec + errorsPerSec
}

/** The pool in each process that has it. A press on a row's name narrows the page to it. */
export function InstanceTable({
  pools,
  atMs,
  chosen,
  onChoose,
}: {
  pools: readonly PoolNow[]
  /** The tick that the pools are from, epoch ms. */
  atMs: number
  /** The pool id that the page is narrowed to; empty for all. */
  chosen: string
  onChoose: (poolId: string) => void
}) {
  const [sort, setSort] = useState<Sort<Column>>({ column: 'instance', descending: false })
  const rows = [...pools].sort(compareBy(KEYS[sort.column], sort.descending, (pool) => pool.instance))
  const columns: readonly TableColumn<PoolNow, Column>[] = [
    {
      id: 'status',
      label: 'Status',
      sortFirst: 'descending',
      cell: (pool) => (
        <span title={pool.reason ?? undefined}>
          <StatusMark
            status={pool.status}
            word={pool.stale ? `stale, ${formatAgeShort(Math.max(0, atMs - pool.atMs))}` : undefined}
          />
        </span>
      ),
    },
    {
      id: 'instance',
      label: 'Instance',
      sortFirst: 'ascending',
      cell: (pool) => (
        <button
          type="button"
          className={styles.name}
          aria-pressed={pool.id === chosen}
          onClick={() => onChoose(pool.id === chosen ? '' : pool.id)}
        >
          {pool.instance}
        </button>
      ),
    },
    {
      id: 'used',
      label: 'In use / max',
      sortFirst: 'descending',
      cell: (pool) => (
        <span className={styles.used}>
          <Meter
            part={pool.inUse}
            more={pool.idle}
            limit={pool.max}
            tone={pool.stale ? 'stale' : isFull(pool) ? 'critical' : 'used'}
          />
          <span className={styles.ratio}>
            {formatCount(pool.inUse)}
            <span className={styles.quiet}>/{formatCount(pool.max)}</span>
          </span>
        </span>
      ),
    },
    {
      id: 'waiting',
      label: 'Waiting',
      end: true,
      sortFirst: 'descending',
      cell: (pool) => formatCount(pool.waiting),
    },
    {
      id: 'wait',
      label: 'Wait p99',
      end: true,
      sortFirst: 'descending',
      cell: (pool) => formatMs(pool.waitMs.p99),
    },
    {
      id: 'hold',
      label: 'Hold p99',
      end: true,
      hideBelow: 'narrow',
      sortFirst: 'descending',
      cell: (pool) => formatMs(pool.holdMs.p99),
    },
    {
      id: 'checkouts',
      label: 'Checkouts',
      end: true,
      hideBelow: 'narrow',
      sortFirst: 'descending',
      cell: (pool) => formatRate(pool.checkoutsPerSec),
    },
    {
      id: 'failed',
      label: 'Failed',
      end: true,
      hideBelow: 'narrow',
      sortFirst: 'descending',
      cell: (pool) => formatRate(failedOf(pool)),
    },
  ]
  return (
    <Card title="Instances" note={formatCount(pools.length)} flush>
      <DataTable
        caption="Instances of this pool"
        columns={columns}
        rows={rows}
        rowKey={(pool) => pool.id}
        sort={sort}
        onSort={setSort}
        rowClass={(pool) => (pool.stale ? styles.old : pool.id === chosen ? styles.chosen : undefined)}
      />
    </Card>
  )
}

function isFull({ inUse, max }: PoolNow): boolean {
  return inUse !== null && max !== null && max > 0 && inUse >= max
}
