import type { LockReader, LockRow } from './held-locks.ts'
import type { ClientKindRow, Transactions } from './mysql-clients.ts'
import type { MysqlFlavor } from './mysql-flavor.ts'
import { ELAPSED_SQL, type MysqlSession } from './mysql-session.ts'
import type { SessionInspection } from './source.ts'
import { normalizeSql } from './sql-text.ts'

/** Longest text that is asked for. */
const TEXT_CHARS = 4000
/** The server's timers count picoseconds. */
const PS_PER_MS = 1e9
/** Where more rows than this are locked on a server, listing its locks would cost it too much. */
const MOST_ROWS = 10_000

type LastRow = { pid: number; text: string | null; beganPs: number | null; nowPs: number | null }
type LockWaitRow = { pid: number; blocker: number }

/** What looking closer takes to know. */
export type MysqlLook = {
  /** Sessions asked for. */
  asked: readonly number[]
  /** The sessions of this moment. */
  rows: readonly ClientKindRow[]
  /** Open transactions, with who waits. */
  transactions: Transactions
  /** The performance schema may be read. */
  schemaOn: boolean
  flavor: MysqlFlavor
  locks: LockReader
  /** By a clock that never jumps. */
  nowMs: number
}

/**
 * Looks closer at sessions: what those asked for ran last, where the performance schema tells, and who blocks those
 * that wait for a row. Of those asked for that idle in a transaction it tells what they keep locked. Asks nothing where
 * there is nobody to ask about.
 */
export async function inspectMysqlSessions(
  session: MysqlSession,
  look: MysqlLook,
): Promise<SessionInspection[]> {
  const { asked, transactions, schemaOn, flavor } = look
  const found = new Map<number, SessionInspection>()
  const of = (pid: number): SessionInspection => {
    const known = found.get(pid) ?? {
      pid,
      lastStatement: null,
      statementMs: null,
      blockedBy: [],
      locks: null,
    }
    found.set(pid, known)
    return known
  }
  if (schemaOn && asked.length > 0) {
    for (const { pid, text, beganPs, nowPs } of await session.query<LastRow>(lastSql(asked))) {
      const inspection = of(pid)
      inspection.lastStatement = text === null || text === '' ? null : normalizeSql(text, 'mysql')
      if (beganPs !== null && nowPs !== null) {
        inspection.statementMs = Math.max(0, Math.round((nowPs - beganPs) / PS_PER_MS))
      }
    }
  }
  const waits = [...(transactions?.values() ?? [])].some((transaction) => transaction.waits === 1)
  // Where transactions may be read and locks may not, the waits show without their blockers.
  if (waits && (schemaOn || !flavor.locksNeedSchema)) {
    for (const { pid, blocker } of await session.query<LockWaitRow>(flavor.lockWaitsSql))
      of(pid).blockedBy.push(blocker)
  }
  for (const [pid, locks] of await readLocks(session, look)) of(pid).locks = locks
  return [...found.values()]
}

function readLocks(
  session: MysqlSession,
  { asked, rows, transactions, schemaOn, flavor, ...look }: MysqlLook,
) {
  const wanted = new Set(asked)
  const idle = rows.flatMap(({ pid, command }) => {
    const transaction = command === 'Sleep' && wanted.has(pid) ? transactions?.get(pid) : undefined
    return transaction === undefined ? [] : [{ pid, transactionMs: transaction.ageMs }]
  })
  const open = [...(transactions?.values() ?? [])]
  const few = open.reduce((sum, { lockedRows }) => sum + lockedRows, 0) <= MOST_ROWS
  return look.locks.read(
    idle,
    look.nowMs,
    async (pids) => {
      if (!few || (flavor.locksNeedSchema && !schemaOn)) return null
      return { rows: await session.query<LockRow>(flavor.locksSql(pids)), all: flavor.listsAllLocks }
    },
    (pid) => transactions?.get(pid)?.lockedRows ?? null,
  )
}

/** The statement that asks is the youngest of all: its beginning is the time by the server's timer. */
function lastSql(pids: readonly number[]): string {
  return `SELECT t.PROCESSLIST_ID AS pid, LEFT(s.SQL_TEXT, ${TEXT_CHARS}) AS text, s.TIMER_START AS beganPs,
 (SELECT MAX(TIMER_START) FROM performance_schema.events_statements_current) AS nowPs, ${ELAPSED_SQL}
 FROM performance_schema.events_statements_current s JOIN performance_schema.threads t ON t.THREAD_ID = s.THREAD_ID
 WHERE s.NESTING_EVENT_LEVEL = 0 AND t.PROCESSLIST_ID IN (${pids.join(',')})`
}
