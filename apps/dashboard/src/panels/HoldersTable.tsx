import type { Holder, Holders, StackState } from '@poolscope/protocol'
import { useMemo, useState } from 'react'
import { formatAge, formatCount, formatMs, UNKNOWN } from '../lib/format.ts'
import { locksText } from '../lib/held-locks.ts'
import { follow, type Moving, useMoving } from '../lib/moving.ts'
import { useIsRecorded } from '../live/hooks.ts'
import { Card } from '../ui/Card.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import { MovingText } from '../ui/MovingText.tsx'
import { ownFrame } from '../ui/StackTrace.tsx'
import { StatusMark, StatusShape } from '../ui/StatusMark.tsx'
import {
  activityWord,
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
import { lookAlike, type SteadyRow, SteadyRows } from './steady-rows.ts'

/** Rows before "show all". */
const FEW = 12
/** What an age may take, in characters: `59.9 min`. */
const HELD_ROOM = 8

/** Who holds connections now, longest first, and the code that asked for them. */
export function HoldersTable({ of }: { of: Moving<{ holders: Holders; atMs: number }> }) {
  const { open, toggle } = useOpenStacks()
  const [all, setAll] = useState(false)
  const isRecorded = useIsRecorded()
  const [steady] = useState(() => new SteadyRows())
  const held = useMemo(
    () => follow(of, ({ holders, atMs }) => ({ rows: steady.take(holders.holders, open), atMs })),
    [of, steady, open],
  )
  const count = useMoving(held, ({ rows }) => rows.length)
  const shown = useMoving(held, ({ rows }) => (all ? rows : rows.slice(0, FEW)), sameRows)
  const note = useMoving(of, ({ holders }) => noteOf(holders))
  const columns = useMemo(() => columnsOf(held, toggle), [held, toggle])
  return (
    <Card title="Who holds connections" note={note} flush>
      {count === 0 ? (
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
          rowKey={({ place }) => String(place)}
          alike={lookAlike}
          rowClass={(row) =>
            row.gone ? styles.gone : row.holder.suspectedSinceMs === null ? undefined : styles.suspected
          }
          after={(row) => stackUnder(row, open, columns.length)}
        />
      )}
      <LateReturns of={of} />
      {count > FEW && (
        <button type="button" className={styles.more} onClick={() => setAll(!all)}>
          {all ? `Show the first ${FEW}` : `Show all ${formatCount(count)}`}
        </button>
      )}
    </Card>
  )
}

function sameRows(before: readonly SteadyRow[], now: readonly SteadyRow[]): boolean {
  return before.length === now.length && before.every((row, index) => lookAlike(row, now[index] as SteadyRow))
}

/** A row is rendered when it looks otherwise; which hold it is by now, and for how long, is asked of `held`. */
function columnsOf(
  held: Moving<{ rows: readonly SteadyRow[]; atMs: number }>,
  toggle: (key: string) => void,
): readonly TableColumn<SteadyRow>[] {
  const at = (place: number) => held.now.rows.find((row) => row.place === place)
  return [
    {
      id: 'held',
      label: 'Held for',
      end: true,
      cell: ({ place }) => (
        <MovingText
          of={held}
          room={HELD_ROOM}
          text={({ atMs }) => {
            const row = at(place)
            return row === undefined || row.gone ? 'given back' : heldAt(row.holder, atMs)
          }}
        />
      ),
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
      cell: ({ place, holder, open }) => (
        <TakenBy
          holder={holder}
          unsampled={STACK_WORDS[holder.stackState]}
          open={open}
          onToggle={() => {
            const row = at(place)
            if (row !== undefined) toggle(row.key)
          }}
        >
          {holder.lastStatement !== null && <LastStatement text={holder.lastStatement} />}
          {holder.blockedBy !== null && <Blocker blocker={holder.blockedBy} />}
        </TakenBy>
      ),
    },
  ]
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
function LateReturns({ of }: { of: Moving<{ holders: Holders; atMs: number }> }) {
  const total = useMoving(of, ({ holders }) => holders.lateReturns.total)
  const last = useMoving(of, ({ holders }) => holders.lateReturns.last, sameReturn)
  if (last === null) return null
  return (
    <p className={styles.late}>
      {total === 1 ? 'One suspected hold' : `${formatCount(total)} suspected holds`} came back after all; the
      last <MovingText of={of} text={({ atMs }) => formatAge(atMs - last.atMs)} /> ago, quiet for{' '}
      {formatMs(last.quietMs)}
      {last.site !== null && (
        <>
          , taken by <code>{last.site}</code>
        </>
      )}
      .
    </p>
  )
}

type LateReturn = Holders['lateReturns']['last']

const sameReturn = (before: LateReturn, now: LateReturn) =>
  before?.poolId === now?.poolId && before?.atMs === now?.atMs

const STACK_WORDS: Readonly<Record<StackState, string>> = {
  captured: 'code of a library',
  not_sampled: 'not sampled',
  capturing: 'not sampled; the next ones will be',
}
