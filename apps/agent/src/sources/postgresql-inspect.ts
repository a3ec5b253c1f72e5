import { type LockReader, type LockRow, MOST_LOCKS } from './held-locks.ts'
import type { SessionRow } from './postgresql-queries.ts'
import type { PostgresqlSession } from './postgresql-session.ts'
import type { SessionInspection } from './source.ts'
import { normalizeSql } from './sql-text.ts'

/** Most sessions that are asked who blocks them: the answer stops the lock manager for a moment. */
const MOST_WAITERS = 50
/** Longest text that is asked for. */
const TEXT_CHARS = 4000

type InspectionRow = {
  pid: number
  text: string | null
  statementMs: number | null
  blockedBy: number[] | null
}

/** What looking closer takes to know. */
export type PostgresqlLook = {
  /** Sessions asked for. */
  asked: readonly number[]
  /** The sessions of this moment. */
  rows: readonly SessionRow[]
  locks: LockReader
  /** By a clock that never jumps. */
  nowMs: number
}

/**
 * Looks closer at sessions: those asked for, and those that wait for a lock. Of those asked for that idle in a transaction
 * it asks what they keep locked, seldom. Asks nothing where there are none.
 */
export async function inspectSessions(
  session: PostgresqlSession,
  { asked, rows, locks, nowMs }: PostgresqlLook,
): Promise<SessionInspection[]> {
  const waiters = rows.filter((row) => row.waitEventType === 'Lock').map(({ pid }) => pid)
  const known = new Set(rows.map(({ pid }) => pid))
  const pids = [...new Set([...asked.filter((pid) => known.has(pid)), ...waiters.slice(0, MOST_WAITERS)])]
  if (pids.length === 0) return []
  const found = await session.query<InspectionRow>(inspectSql(pids, waiters.slice(0, MOST_WAITERS)))
  const wanted = new Set(asked)
  const idle = rows.filter(({ pid, state }) => wanted.has(pid) && state?.startsWith('idle in transaction'))
  const held = await locks.read(idle, nowMs, async (some) => ({
    rows: await session.query<LockRow>(locksSql(some)),
    all: true,
  }))
  return found.map(({ pid, text, statementMs, blockedBy }) => ({
    pid,
    lastStatement: shown(text),
    statementMs: statementMs === null ? null : Math.max(0, Math.round(statementMs)),
    // A prepared transaction blocks without a session, and is listed as 0.
    blockedBy: [...new Set(blockedBy ?? [])].filter((blocker) => blocker > 0),
    locks: held.get(pid) ?? null,
  }))
}

/** Blockers are asked for of those that wait alone: of anybody else the question is for nothing, and costs as much. */
function inspectSql(pids: readonly number[], waiters: readonly number[]): string {
  return `/* poolscope */ SELECT pid, pg_catalog.left(query, ${TEXT_CHARS}) AS text,
 pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - query_start) * 1000 AS "statementMs",
 CASE WHEN pid = ANY('{${waiters.join(',')}}'::int[]) THEN pg_catalog.pg_blocking_pids(pid) END AS "blockedBy"
 FROM pg_catalog.pg_stat_activity WHERE pid = ANY('{${pids.join(',')}}'::int[])`
}

/**
 * Locks by session, the strongest first: those that every transaction has on itself are left out, and so are indexes,
 * which are locked with their tables. Names are those of the database that is asked in, and of no other.
 */
function locksSql(pids: readonly number[]): string {
  return `/* poolscope */ SELECT * FROM (SELECT l.pid, l.locktype AS kind, l.mode, l.granted,
 CASE WHEN c.oid IS NOT NULL THEN n.nspname || '.' || c.relname END AS relation, pg_catalog.count(*)::int AS count,
 pg_catalog.count(*) OVER (PARTITION BY l.pid)::int AS kinds, pg_catalog.row_number() OVER (PARTITION BY l.pid
  ORDER BY pg_catalog.array_position('{AccessExclusiveLock,ExclusiveLock,ShareRowExclusiveLock,ShareLock,ShareUpdateExclusiveLock,RowExclusiveLock,RowShareLock,AccessShareLock}'::text[], l.mode),
  c.relname) AS place FROM pg_catalog.pg_locks l
 LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation AND l.database = (SELECT oid FROM pg_catalog.pg_database
  WHERE datname = pg_catalog.current_database())
 LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE l.pid = ANY('{${pids.join(',')}}'::int[]) AND l.locktype <> 'virtualxid'
  AND (l.locktype <> 'transactionid' OR NOT l.granted) AND c.relkind IS DISTINCT FROM 'i'
 GROUP BY l.pid, l.locktype, l.mode, l.granted, c.oid, n.nspname, c.relname) k WHERE place <= ${MOST_LOCKS}
 ORDER BY pid, place`
}

function shown(text: string | null): string | null {
  if (text === null || text === '' || text === '<insufficient privilege>') return null
  return normalizeSql(text, 'postgresql')
}
