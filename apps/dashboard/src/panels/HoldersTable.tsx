import type { Activity, Holder, Holders, StackState } from '@poolscope/protocol'
import { useMemo, useRef, useState } from 'react'
import { formatAge, formatCount, formatMs, UNKNOWN } from '../lib/format.ts'
import { keepOrder } from '../lib/order.ts'
import { useIsRecorded } from '../live/hooks.ts'
import { Card } from '../ui/Card.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import { frameParts, ownFrame, StackTrace } from '../ui/StackTrace.tsx'
import { StatusMark, StatusShape } from '../ui/StatusMark.tsx'
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
  const isRecorded = useIsRecorded()
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
    { id: 'does', label: 'Does', cell: ({ holder }) => <Does holder={holder} /> },
    {
      id: 'quiet',
      label: 'Quiet for',
      end: true,
      hideBelow: 'narrow',
      cell: ({ holder }) =>
        holder.quietMs === null || holder.quietMs === 0 ? UNKNOWN : formatMs(holder.quietMs),
    },
    {
      id: 'session',
      label: 'Session',
      hideBelow: 'narrow',
      cell: ({ holder }) => <Session holder={holder} />,
    },
    {
      id: 'code',
      label: 'Taken by',
      wide: true,
      cell: ({ key, holder }) => (
        <div className={styles.code}>
          <Code holder={holder} open={open.has(key)} onToggle={() => toggle(key)} />
          {holder.lastStatement !== null && (
            <code className={styles.statement} title={holder.lastStatement}>
              {holder.lastStatement}
            </code>
          )}
          {holder.blockedBy !== null && <Blocker blocker={holder.blockedBy} />}
        </div>
      ),
    },
  ]
  return (
    <Card title="Who holds connections" note={noteOf(holders)} flush>
      {rows.length === 0 ? (
        <p className={styles.empty}>
          {isRecorded
            ? 'Who held connections is not in the recording.'
            : 'Nobody holds a connection at this moment.'}
        </p>
      ) : (
        <DataTable
          caption="Connections in use, longest held first"
          columns={columns}
          rows={shown}
          rowKey={(row) => row.key}
          rowClass={(row) =>
            row.gone ? styles.gone : row.holder.suspectedSinceMs === null ? undefined : styles.suspected
          }
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
      <LateReturns late={holders.lateReturns} atMs={atMs} />
      {rows.length > FEW && (
        <button type="button" className={styles.more} onClick={() => setAll(!all)}>
          {all ? `Show the first ${FEW}` : `Show all ${formatCount(rows.length)}`}
        </button>
      )}
    </Card>
  )
}

function noteOf({ holders, total }: Holders): string {
  const suspects = holders.filter(({ suspectedSinceMs }) => suspectedSinceMs !== null).length
  const all =
    total > holders.length
      ? `the ${formatCount(holders.length)} held longest of ${formatCount(total)}`
      : formatCount(total)
  return suspects === 0 ? all : `${all} · ${formatCount(suspects)} suspected`
}

const ACTIVITY_WORDS: Readonly<Record<Activity, string>> = {
  running: 'runs a statement',
  blocked: 'waits for a lock',
  idle_in_transaction: 'idle in transaction',
  idle: 'idle',
  gone: 'lost: nobody is left to give it back',
  unknown: UNKNOWN,
}

/** What a hold does, and whether it is taken for a leak. */
function Does({ holder }: { holder: Holder }) {
  const { activity, suspectedSinceMs, quietMs, quietLimitMs } = holder
  const word = ACTIVITY_WORDS[activity]
  if (suspectedSinceMs === null)
    return activity === 'blocked' ? <StatusMark status="warning" word={word} /> : word
  return (
    <div className={styles.does}>
      <StatusMark status="critical" word="leak suspected" />
      <span className={styles.detail}>
        {word}
        {quietMs !== null && `, quiet for ${formatMs(quietMs)}`}
        {quietLimitMs !== null && `, limit ${formatMs(quietLimitMs)}`}
      </span>
    </div>
  )
}

/** The server's word, its wait, and what the transaction is. */
function Session({ holder }: { holder: Holder }) {
  const { sessionState, waitEvent, waitEventType, transaction, transactionMs, blocks } = holder
  const waits = waitEventType === null || waitEventType === 'Client' ? null : `${waitEventType}: ${waitEvent}`
  const age = transactionMs === null ? '' : ` ${formatMs(transactionMs)}`
  const more = [
    waits,
    transaction === 'open' ? `transaction${age}` : null,
    transaction === 'failed' ? `failed transaction${age}` : null,
    blocks === null || blocks === 0 ? null : `blocks ${formatCount(blocks)}`,
  ].filter((part) => part !== null)
  return (
    <div className={styles.does}>
      <span>{sessionState ?? UNKNOWN}</span>
      {more.length > 0 && <span className={styles.detail}>{more.join(' · ')}</span>}
    </div>
  )
}

function Blocker({ blocker }: { blocker: NonNullable<Holder['blockedBy']> }) {
  const { sessionPid, service, stack } = blocker
  const frame = stack === null ? null : ownFrame(stack)
  return (
    <span className={styles.blocker}>
      <StatusShape status="warning" />
      <span>
        blocked by pid {sessionPid}
        {service !== null && ` of ${service}`}
        {frame !== null && (
          <>
            {': '}
            <code>{frame}</code>
          </>
        )}
      </span>
    </span>
  )
}

/** Holds that were suspected, and came back after all: the limit learns from them. */
function LateReturns({ late, atMs }: { late: Holders['lateReturns']; atMs: number }) {
  const { total, last } = late
  if (last === null) return null
  return (
    <p className={styles.late}>
      {total === 1 ? 'One suspected hold' : `${formatCount(total)} suspected holds`} came back after all; the
      last {formatAge(atMs - last.atMs)} ago, quiet for {formatMs(last.quietMs)}
      {last.site !== null && (
        <>
          , taken by <code>{last.site}</code>
        </>
      )}
      .
    </p>
  )
}

const STACK_WORDS: Readonly<Record<StackState, string>> = {
  captured: 'code of a library',
  not_sampled: 'not sampled',
  capturing: 'not sampled; the next ones will be',
}

function Code({ holder, open, onToggle }: { holder: Holder; open: boolean; onToggle: () => void }) {
  const { stack, stackState } = holder
  if (stack === null || stack.length === 0) {
    return <span className={styles.unsampled}>{STACK_WORDS[stackState]}</span>
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
