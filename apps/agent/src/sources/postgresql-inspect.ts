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

/**
 * Looks closer at sessions: those asked for, and those that wait for a lock. Asks nothing where there are none.
 * @param rows the sessions of this moment
 */
export async function inspectSessions(
  session: PostgresqlSession,
  asked: readonly number[],
  rows: readonly SessionRow[],
): Promise<SessionInspection[]> {
  const waiters = rows.filter((row) => row.waitEventType === 'Lock').map(({ pid }) => pid)
  const known = new Set(rows.map(({ pid }) => pid))
  const pids = [...new Set([...asked.filter((pid) => known.has(pid)), ...waiters.slice(0, MOST_WAITERS)])]
  if (pids.length === 0) return []
  const found = await session.query<InspectionRow>(inspectSql(pids, waiters.slice(0, MOST_WAITERS)))
  return found.map(({ pid, text, statementMs, blockedBy }) => ({
    pid,
    lastStatement: shown(text),
    statementMs: statementMs === null ? null : Math.max(0, Math.round(statementMs)),
    // A prepared transaction blocks without a session, and is listed as 0.
    blockedBy: [...new Set(blockedBy ?? [])].filter((blocker) => blocker > 0),
  }))
}

/** Blockers are asked for of those that wait alone: of anybody else the question is for nothing, and costs as much. */
function inspectSql(pids: readonly number[], waiters: readonly number[]): string {
  return `/* poolscope */ SELECT pid, pg_catalog.left(query, ${TEXT_CHARS}) AS text,
 pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - query_start) * 1000 AS "statementMs",
 CASE WHEN pid = ANY('{${waiters.join(',')}}'::int[]) THEN pg_catalog.pg_blocking_pids(pid) END AS "blockedBy"
 FROM pg_catalog.pg_stat_activity WHERE pid = ANY('{${pids.join(',')}}'::int[])`
}

function shown(text: string | null): string | null {
  if (text === null || text === '' || text === '<insufficient privilege>') return null
  return normalizeSql(text, 'postgresql')
}
