import type { Holder, Holders, StackState } from '@poolscope/protocol'
import { useMemo, useRef, useState } from 'react'
import { formatAge, formatCount, formatMs, UNKNOWN } from '../lib/format.ts'
import { locksText } from '../lib/held-locks.ts'
import { type Moving, useMoving } from '../lib/moving.ts'
import { keepOrder } from '../lib/order.ts'
import { useIsRecorded } from '../live/hooks.ts'
import { Card } from '../ui/Card.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import { ownFrame } from '../ui/StackTrace.tsx'
import { StatusMark, StatusShape } from '../ui/StatusMark.tsx'
import {
  activityWord,
  type HolderRow,
  heldAt,
  LastStatement,
  QUIET_COLUMN,
  Stacked,
  stackUnder,
  TakenBy,
  useOpenStacks,
  WHICH_COLUMNS,
} from './HolderParts.tsx'
import styles from './HoldersTable.module.css'

/** Rows before "show all". */
const FEW = 12

/** A beginning that moved by less is the same hold, measured again; by more, the session was taken anew, ms. */
const SAME_HOLD_MS = 500

type Row = HolderRow & {
  /** No longer in use; kept while its stack is open. */
  gone: boolean
  /** Its own as long as it is shown; then another's, whose texts are written into the row that is there. */
  place: number
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
      now.set(key, { key, holder, gone: false, place: 0 })
    }
    for (const row of before.current) {
      if (!now.has(row.key) && open.has(row.key)) now.set(row.key, { ...row, gone: true })
    }
    const order = keepOrder(
      before.current.map((row) => row.key),
      [...now.keys()],
    )
    begun.current = begunNow
    before.current = placed(
      order.flatMap((key) => now.get(key) ?? []),
      before.current,
    )
    return before.current
  }, [holders, open])
}

/** Gives those that were there the places that they had, and those that are new the first that are free. */
function placed(rows: readonly Row[], before: readonly Row[]): Row[] {
  const had = new Map(before.map(({ key, place }) => [key, place]))
  const taken = new Set(rows.flatMap(({ key }) => had.get(key) ?? []))
  let next = 0
  const free = () => {
    while (taken.has(next)) next += 1
    return next++
  }
  return rows.map((row) => ({ ...row, place: had.get(row.key) ?? free() }))
}

/** Who holds connections now, longest first, and the code that asked for them. */
export function HoldersTable({ of }: { of: Moving<{ holders: Holders; atMs: number }> }) {
  const { holders, atMs } = useMoving(of, (now) => now)
  const { open, toggle } = useOpenStacks()
  const [all, setAll] = useState(false)
  const isRecorded = useIsRecorded()
  const rows = useSteadyRows(holders.holders, open)
  const shown = all ? rows : rows.slice(0, FEW)
  const columns: readonly TableColumn<Row>[] = [
    {
      id: 'held',
      label: 'Held for',
      end: true,
      cell: ({ holder, gone }) => (gone ? 'given back' : heldAt(holder, atMs)),
    },
    ...WHICH_COLUMNS,
    { id: 'does', label: 'Does', cell: ({ holder }) => <Does holder={holder} /> },
    QUIET_COLUMN,
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
        <TakenBy
          holder={holder}
          unsampled={STACK_WORDS[holder.stackState]}
          open={open.has(key)}
          onToggle={() => toggle(key)}
        >
          {holder.lastStatement !== null && <LastStatement text={holder.lastStatement} />}
          {holder.blockedBy !== null && <Blocker blocker={holder.blockedBy} />}
        </TakenBy>
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
          rowKey={(row) => String(row.place)}
          rowClass={(row) =>
            row.gone ? styles.gone : row.holder.suspectedSinceMs === null ? undefined : styles.suspected
          }
          after={(row) => stackUnder(row, open, columns.length)}
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

/** What a hold does, and whether it is taken for a leak. */
function Does({ holder }: { holder: Holder }) {
  const { activity, suspectedSinceMs, quietMs, quietLimitMs } = holder
  const word = activityWord(activity)
  if (suspectedSinceMs === null)
    return activity === 'blocked' ? <StatusMark status="warning" word={word} /> : word
  const limits = [
    quietMs === null ? '' : `, quiet for ${formatMs(quietMs)}`,
    quietLimitMs === null ? '' : `, limit ${formatMs(quietLimitMs)}`,
  ]
  return (
    <Stacked detail={word + limits.join('')}>
      <StatusMark status="critical" word="leak suspected" />
    </Stacked>
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
    locksText(holder.locks),
  ].filter((part) => part !== null)
  return (
    <Stacked detail={more.length === 0 ? null : more.join(' · ')}>
      <span>{sessionState ?? UNKNOWN}</span>
    </Stacked>
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
