import type { Holder, Holders } from '@poolscope/protocol'
import { useMemo, useRef, useState } from 'react'
import { formatCount, formatMs } from '../lib/format.ts'
import { keepOrder } from '../lib/order.ts'
import { Card } from '../ui/Card.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import { frameParts, ownFrame, StackTrace } from '../ui/StackTrace.tsx'
import styles from './HoldersTable.module.css'

/** Rows before "show all". */
const FEW = 12

/** A beginning that moved by less is the same hold, measured again; by more, the session was taken anew, ms. */
const SAME_HOLD_MS = 500

type Row = {
  key: string
  holder: Holder /** No longer in use; kept while its stack is open. */
  gone: boolean
}

function keyOf(holder: Holder): string {
  return `${holder.poolId} ${holder.sessionPid} ${holder.stack?.[0] ?? ''}`
}

/**
 * The rows in an order that never moves one past another: those that stay keep their places, new
 * ones come last, being the youngest. What is open stays until it is closed, even when it was given back.
 */
function useSteadyRows(holders: readonly Holder[], open: ReadonlySet<string>): Row[] {
  const before = useRef<Row[]>([])
  const holds = useRef(0)
  const begun = useRef(new Map<string, { sinceMs: number; hold: number }>())
  return useMemo(() => {
    const now = new Map<string, Row>()
    const begunNow = new Map<string, { sinceMs: number; hold: number }>()
    for (const holder of [...holders].sort((a, b) => a.sinceMs - b.sinceMs)) {
      let session = keyOf(holder)
      while (begunNow.has(session)) session += ' twin'
      const last = begun.current.get(session)
      const same = last !== undefined && holder.sinceMs - last.sinceMs <= SAME_HOLD_MS
      const hold = same ? last.hold : ++holds.current
      begunNow.set(session, { sinceMs: holder.sinceMs, hold })
      const key = `${session} ${hold}`
      now.set(key, { key, holder, gone: false })
    }
    for (const row of before.current) {
      if (!now.has(row.key) && open.has(row.key)) now.set(row.key, { ...row, gone: true })
    }
    const order = keepOrder(
      before.current.map((row) => row.key),
      [...now.keys()],
    )
    begun.current = begunNow
    before.current = order.flatMap((key) => now.get(key) ?? [])
    return before.current
  }, [holders, open])
}

/** Who holds connections now, longest first, and the code that asked for them. */
export function HoldersTable({ holders, atMs }: { holders: Holders; atMs: number }) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const [all, setAll] = useState(false)
  const rows = useSteadyRows(holders.holders, open)
  const shown = all ? rows : rows.slice(0, FEW)
  const toggle = (key: string) => {
    const next = new Set(open)
    if (!next.delete(key)) next.add(key)
    setOpen(next)
  }
  const columns: readonly TableColumn<Row>[] = [
    {
      id: 'held',
      label: 'Held for',
      end: true,
      cell: ({ holder, gone }) =>
        gone ? 'given back' : formatMs(Math.max(holder.heldMs, atMs - holder.sinceMs)),
    },
    { id: 'instance', label: 'Instance', cell: ({ holder }) => holder.instance, hideBelow: 'narrow' },
    {
      id: 'pid',
      label: 'Server pid',
      end: true,
      hideBelow: 'medium',
      cell: ({ holder }) => (holder.sessionPid === null ? '—' : String(holder.sessionPid)),
    },
    { id: 'state', label: 'Session', cell: ({ holder }) => holder.sessionState ?? '—' },
    {
      id: 'code',
      label: 'Taken by',
      wide: true,
      cell: ({ key, holder }) => (
        <Code stack={holder.stack} open={open.has(key)} onToggle={() => toggle(key)} />
      ),
    },
  ]
  return (
    <Card
      title="Who holds connections"
      note={
        holders.total > holders.holders.length
          ? `the ${formatCount(holders.holders.length)} held longest of ${formatCount(holders.total)}`
          : formatCount(holders.total)
      }
      flush
    >
      {rows.length === 0 ? (
        <p className={styles.empty}>Nobody holds a connection at this moment.</p>
      ) : (
        <DataTable
          caption="Connections in use, longest held first"
          columns={columns}
          rows={shown}
          rowKey={(row) => row.key}
          rowClass={(row) => (row.gone ? styles.gone : undefined)}
          after={({ key, holder }) =>
            open.has(key) && holder.stack !== null ? (
              <tr>
                <td colSpan={columns.length} className={styles.stack}>
                  <StackTrace stack={holder.stack} />
                </td>
              </tr>
            ) : null
          }
        />
      )}
      {rows.length > FEW && (
        <button type="button" className={styles.more} onClick={() => setAll(!all)}>
          {all ? `Show the first ${FEW}` : `Show all ${formatCount(rows.length)}`}
        </button>
      )}
    </Card>
  )
}

function Code({
  stack,
  open,
  onToggle,
}: {
  stack: readonly string[] | null
  open: boolean
  onToggle: () => void
}) {
  if (stack === null || stack.length === 0) {
    return <span className={styles.unsampled}>not sampled</span>
  }
  const { name, folder, file } = frameParts(ownFrame(stack) ?? '')
  return (
    <button type="button" className={styles.frame} aria-expanded={open} onClick={onToggle}>
      <span className={styles.chevron} aria-hidden="true">
        ▸
      </span>
      <code>
        {name} <span className={styles.folder}>{folder}</span>
        <span className={styles.file}>{file}</span>
      </code>
    </button>
  )
}
