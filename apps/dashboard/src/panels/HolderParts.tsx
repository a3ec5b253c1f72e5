import type { Activity, Holder } from '@poolscope/protocol'
import { type ReactNode, useCallback, useState } from 'react'
import { formatMs, UNKNOWN } from '../lib/format.ts'
import type { TableColumn } from '../ui/DataTable.tsx'
import { frameParts, ownFrame, StackTrace } from '../ui/StackTrace.tsx'
import styles from './HolderParts.module.css'

/** A row about one held connection. */
export type HolderRow = { key: string; holder: Holder }

const ACTIVITY_WORDS: Readonly<Record<Activity, string>> = {
  running: 'runs a statement',
  blocked: 'waits for a lock',
  idle_in_transaction: 'idle in transaction',
  idle: 'idle',
  gone: 'lost: nobody is left to give it back',
  unknown: UNKNOWN,
}

/** What a hold is spent on. */
export const activityWord = (activity: Activity): string => ACTIVITY_WORDS[activity]

/** How long a connection is held at a moment: at least as long as was measured. */
export const heldAt = ({ heldMs, sinceMs }: Holder, atMs: number): string =>
  formatMs(Math.max(heldMs, atMs - sinceMs))

/** The columns that say which connection it is. */
export const WHICH_COLUMNS: readonly TableColumn<HolderRow>[] = [
  { id: 'instance', label: 'Instance', cell: ({ holder }) => holder.instance, hideBelow: 'narrow' },
  {
    id: 'pid',
    label: 'Server pid',
    end: true,
    hideBelow: 'medium',
    cell: ({ holder }) => (holder.sessionPid === null ? UNKNOWN : String(holder.sessionPid)),
  },
]

/** How long it is since the connection did anything. */
export const QUIET_COLUMN: TableColumn<HolderRow> = {
  id: 'quiet',
  label: 'Quiet for',
  end: true,
  hideBelow: 'narrow',
  cell: ({ holder }) =>
    holder.quietMs === null || holder.quietMs === 0 ? UNKNOWN : formatMs(holder.quietMs),
}

/** Which stacks are open. */
export function useOpenStacks() {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const toggle = useCallback(
    (key: string) =>
      setOpen((before) => {
        const next = new Set(before)
        if (!next.delete(key)) next.add(key)
        return next
      }),
    [],
  )
  return { open, toggle }
}

/** The code that took a connection, its last statement, and what else there is to say. */
export function TakenBy({
  holder,
  unsampled,
  open,
  onToggle,
  children,
}: {
  holder: Holder
  /** What is said where no stack is known. */
  unsampled: string
  open: boolean
  onToggle: () => void
  children: ReactNode
}) {
  const { stack } = holder
  const { name, folder, file } = frameParts(ownFrame(stack ?? []) ?? '')
  return (
    <div className={styles.code}>
      {stack === null || stack.length === 0 ? (
        <span className={styles.unsampled}>{unsampled}</span>
      ) : (
        <button type="button" className={styles.frame} aria-expanded={open} onClick={onToggle}>
          <span className={styles.chevron} aria-hidden="true">
            ▸
          </span>
          <code>
            {name} <span className={styles.folder}>{folder}</span>
            <span className={styles.file}>{file}</span>
          </code>
        </button>
      )}
      {children}
    </div>
  )
}

/** The statement that ran last on a held connection. @param whole shown in all its length, rather than its beginning */
export function LastStatement({ text, whole = false }: { text: string; whole?: boolean }) {
  return (
    <code className={whole ? styles.statement : styles.beginning} title={whole ? undefined : text}>
      {text}
    </code>
  )
}

/** A word, and in smaller type what belongs to it. */
export function Stacked({ children, detail }: { children: ReactNode; detail: ReactNode }) {
  return (
    <div className={styles.stacked}>
      {children}
      {detail !== null && <span className={styles.detail}>{detail}</span>}
    </div>
  )
}

/** An opened stack under its row, over so many columns; null while it is closed. */
export function stackUnder(
  { key, holder }: HolderRow,
  open: ReadonlySet<string>,
  columns: number,
): ReactNode {
  if (!open.has(key) || holder.stack === null) return null
  return (
    <tr>
      <td colSpan={columns} className={styles.stack}>
        <StackTrace stack={holder.stack} />
      </td>
    </tr>
  )
}
