import type { Holder } from '@poolscope/protocol'
import { useState } from 'react'
import { formatCount, formatMs, UNKNOWN } from '../lib/format.ts'
import { Card } from '../ui/Card.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import { frameParts, ownFrame, StackTrace } from '../ui/StackTrace.tsx'
import { StatusMark } from '../ui/StatusMark.tsx'
import styles from './EvidenceHolders.module.css'

type Row = { key: string; holder: Holder }

const ACTIVITY_WORDS: Readonly<Record<NonNullable<Holder['activity']>, string>> = {
  running: 'runs a statement',
  blocked: 'waits for a lock',
  idle_in_transaction: 'idle in transaction',
  idle: 'idle',
  gone: 'lost: nobody is left to give it back',
  unknown: UNKNOWN,
}

/** The held connections that an alert rests on, each with the code that took it and what it ran last. */
export function EvidenceHolders({ holders, untilMs }: { holders: readonly Holder[]; untilMs: number }) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
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
      cell: ({ holder }) => formatMs(Math.max(holder.heldMs, untilMs - holder.sinceMs)),
    },
    {
      id: 'quiet',
      label: 'Quiet for',
      end: true,
      hideBelow: 'narrow',
      cell: ({ holder }) => formatMs(holder.quietMs),
    },
    { id: 'instance', label: 'Instance', hideBelow: 'narrow', cell: ({ holder }) => holder.instance },
    {
      id: 'pid',
      label: 'Server pid',
      end: true,
      hideBelow: 'medium',
      cell: ({ holder }) => (holder.sessionPid === null ? UNKNOWN : String(holder.sessionPid)),
    },
    { id: 'does', label: 'Does', cell: ({ holder }) => <Does holder={holder} /> },
    {
      id: 'code',
      label: 'Taken by, and its last statement',
      wide: true,
      cell: ({ key, holder }) => (
        <div className={styles.code}>
          <Code holder={holder} open={open.has(key)} onToggle={() => toggle(key)} />
          <code className={styles.statement}>{holder.lastStatement ?? 'last statement not known'}</code>
        </div>
      ),
    },
  ]
  const rows = holders.map((holder, place) => ({
    key: `${holder.poolId} ${holder.sessionPid} ${place}`,
    holder,
  }))
  return (
    <Card title="Who holds these connections" note={formatCount(rows.length)} flush>
      <DataTable
        caption="Connections in use, longest held first"
        columns={columns}
        rows={rows}
        rowKey={({ key }) => key}
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
    </Card>
  )
}

/** What the hold is spent on, by the server's word where no more is known. */
function Does({ holder: { activity, sessionState, suspectedSinceMs, transaction } }: { holder: Holder }) {
  const known = activity !== undefined && activity !== 'unknown'
  const word = known ? ACTIVITY_WORDS[activity] : (sessionState ?? UNKNOWN)
  return (
    <div className={styles.does}>
      {suspectedSinceMs != null && <StatusMark status="critical" word="leak suspected" />}
      {activity === 'blocked' ? <StatusMark status="warning" word={word} /> : <span>{word}</span>}
      <span className={styles.quiet}>
        {transaction == null ? 'transaction not known' : `transaction ${transaction}`}
      </span>
    </div>
  )
}

function Code({ holder, open, onToggle }: { holder: Holder; open: boolean; onToggle: () => void }) {
  const { stack } = holder
  if (stack === null || stack.length === 0) return <span className={styles.quiet}>code not sampled</span>
  const { name, folder, file } = frameParts(ownFrame(stack) ?? '')
  return (
    <button type="button" className={styles.frame} aria-expanded={open} onClick={onToggle}>
      <span className={styles.chevron} aria-hidden="true">
        ▸
      </span>
      <code>
        {name} <span className={styles.quiet}>{`${folder}${file}`}</span>
      </code>
    </button>
  )
}
