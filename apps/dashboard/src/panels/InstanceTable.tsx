import type { PoolNow } from '@poolscope/protocol'
import { useMemo, useRef, useState } from 'react'
import { formatAgeShort, formatCount, formatMs, formatRate } from '../lib/format.ts'
import { follow, type Moving, sameItems, useMoving, useWriting } from '../lib/moving.ts'
import { compareBy, type SortKey } from '../lib/order.ts'
import type { Sort } from '../lib/query-state.ts'
import { Card } from '../ui/Card.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import { paintMeter } from '../ui/Meter.tsx'
import { MovingText } from '../ui/MovingText.tsx'
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

/** One pool, and when it was so, epoch ms. */
type Row = Moving<{ pool: PoolNow; atMs: number }>

/** What a number may take, in characters: `59.9 ms`, `12,345/s`. */
const ROOM = 9

/** The pool in each process that has it. A press on a row's name narrows the page to it. */
export function InstanceTable({
  of,
  chosen,
  onChoose,
}: {
  of: Moving<{ pools: readonly PoolNow[]; atMs: number }>
  /** The pool id that the page is narrowed to; empty for all. */
  chosen: string
  onChoose: (poolId: string) => void
}) {
  const [sort, setSort] = useState<Sort<Column>>({ column: 'instance', descending: false })
  const byKey = compareBy(KEYS[sort.column], sort.descending, (pool: PoolNow) => pool.instance)
  const order = useMoving(of, ({ pools }) => [...pools].sort(byKey).map(({ id }) => id), sameItems)
  const stale = useMoving(of, ({ pools }) => pools.flatMap((pool) => (pool.stale ? pool.id : [])), sameItems)
  const rows = useMemo(() => order.flatMap((id) => rowOf(of, id)), [of, order])
  const columns: readonly TableColumn<Row, Column>[] = [
    { id: 'status', label: 'Status', sortFirst: 'descending', cell: (row) => <Status of={row} /> },
    {
      id: 'instance',
      label: 'Instance',
      sortFirst: 'ascending',
      cell: ({ now: { pool } }) => (
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
    { id: 'used', label: 'In use / max', sortFirst: 'descending', cell: (row) => <Used of={row} /> },
    ...NUMBERS,
  ]
  return (
    <Card title="Instances" note={formatCount(rows.length)} flush>
      <DataTable
        caption="Instances of this pool"
        columns={columns}
        rows={rows}
        rowKey={({ now: { pool } }) => pool.id}
        sort={sort}
        onSort={setSort}
        rowClass={({ now: { pool } }) =>
          stale.includes(pool.id) ? styles.old : pool.id === chosen ? styles.chosen : undefined
        }
      />
    </Card>
  )
}

/** One pool of those; as it was last while it is gone and the table does not know yet. None when it never was. */
function rowOf(of: Moving<{ pools: readonly PoolNow[]; atMs: number }>, id: string): Row | [] {
  const first = of.now.pools.find((one) => one.id === id)
  if (first === undefined) return []
  let last = first
  return follow(of, ({ pools, atMs }) => {
    last = pools.find((one) => one.id === id) ?? last
    return { pool: last, atMs }
  })
}

const numberColumn = (
  id: Column,
  label: string,
  text: (pool: PoolNow) => string,
  hideBelow?: 'narrow',
): TableColumn<Row, Column> => ({
  id,
  label,
  end: true,
  sortFirst: 'descending',
  ...(hideBelow && { hideBelow }),
  cell: (row) => <MovingText of={row} text={({ pool }) => text(pool)} room={ROOM} />,
})

const NUMBERS: readonly TableColumn<Row, Column>[] = [
  numberColumn('waiting', 'Waiting', ({ waiting }) => formatCount(waiting)),
  numberColumn('wait', 'Wait p99', ({ waitMs }) => formatMs(waitMs.p99)),
  numberColumn('hold', 'Hold p99', ({ holdMs }) => formatMs(holdMs.p99), 'narrow'),
  numberColumn('checkouts', 'Checkouts', ({ checkoutsPerSec }) => formatRate(checkoutsPerSec), 'narrow'),
  numberColumn('failed', 'Failed', (pool) => formatRate(failedOf(pool)), 'narrow'),
]

function Status({ of }: { of: Row }) {
  const status = useMoving(of, ({ pool }) => pool.status)
  const reason = useMoving(of, ({ pool }) => pool.reason)
  const word = useMoving(of, ({ pool, atMs }) =>
    pool.stale ? `stale, ${formatAgeShort(Math.max(0, atMs - pool.atMs))}` : undefined,
  )
  return (
    <span title={reason ?? undefined}>
      <StatusMark status={status} word={word} />
    </span>
  )
}

function Used({ of }: { of: Row }) {
  const meter = useRef<HTMLSpanElement>(null)
  useWriting(of, ({ pool }) => {
    if (meter.current === null) return
    const { inUse, idle, max, stale } = pool
    const tone = stale ? 'stale' : isFull(pool) ? 'critical' : 'used'
    paintMeter(meter.current, { part: inUse, more: idle, limit: max, tone })
  })
  return (
    <span className={styles.used}>
      <span ref={meter} aria-hidden="true" />
      <span className={styles.ratio}>
        <MovingText of={of} text={({ pool }) => formatCount(pool.inUse)} />
        <MovingText of={of} text={({ pool }) => `/${formatCount(pool.max)}`} className={styles.quiet} />
      </span>
    </span>
  )
}

function isFull({ inUse, max }: PoolNow): boolean {
  return inUse !== null && max !== null && max > 0 && inUse >= max
}
