import type { Holder } from '@poolscope/protocol'
import { formatAge, formatDateTime, formatMs, UNKNOWN } from '../lib/format.ts'
import { frameParts, ownFrame } from '../ui/StackTrace.tsx'
import styles from './HolderDetails.module.css'

/** What a held connection does, in words. */
export const ACTIVITY_WORDS: Readonly<Record<NonNullable<Holder['activity']>, string>> = {
  running: 'runs a statement',
  blocked: 'waits for a lock',
  idle_in_transaction: 'idle in a transaction',
  idle: 'held and unused',
  gone: 'lost: nobody can give it back',
  unknown: 'not known',
}

/** Whether a holder tells more than its row does. */
export function hasDetails({ lastStatement, transaction, blockedBy, suspectedSinceMs }: Holder): boolean {
  return [lastStatement, transaction, blockedBy, suspectedSinceMs].some((detail) => detail != null)
}

/** What is known of a held connection beyond its row; a dash where it is not known. */
export function HolderDetails({ holder, atMs }: { holder: Holder; atMs: number }) {
  if (!hasDetails(holder)) return null
  const { lastStatement, transaction, quietMs, blockedBy, suspectedSinceMs } = holder
  return (
    <dl className={styles.details}>
      <dt>Last statement</dt>
      <dd>{lastStatement == null ? UNKNOWN : <code>{lastStatement}</code>}</dd>
      <dt>Quiet for</dt>
      <dd>{formatMs(quietMs)}</dd>
      <dt>Transaction</dt>
      <dd>{transaction ?? UNKNOWN}</dd>
      {suspectedSinceMs != null && (
        <>
          <dt>Suspected</dt>
          <dd>
            for {formatAge(Math.max(0, atMs - suspectedSinceMs))}, since {formatDateTime(suspectedSinceMs)}
          </dd>
        </>
      )}
      {blockedBy != null && (
        <>
          <dt>Blocked by</dt>
          <dd>
            pid {blockedBy.sessionPid}, {blockedBy.service ?? 'a service that is not known'}
            {blockedBy.stack !== null && `, ${siteOf(blockedBy.stack)}`}
          </dd>
        </>
      )}
    </dl>
  )
}

function siteOf(stack: readonly string[]): string {
  const { name, file } = frameParts(ownFrame(stack) ?? '')
  return `${name} ${file}`.trim()
}
