import type { Connections, Session } from '@poolscope/protocol'
import { cleanName, cleanNameOrNull } from './clean-name.ts'

/** Most sessions that one sample lists. */
export const SESSION_LIMIT = 5000

/** Who answers: its version, and the process that serves this connection. */
export const HELLO_SQL = `/* poolscope */ SELECT pg_catalog.pg_backend_pid() AS pid,
 pg_catalog.current_setting('server_version_num')::int AS "versionNumber"`
export type HelloRow = { pid: number; versionNumber: number }

/**
 * Bounds of what this session may cost, set after connecting because poolers refuse them as start-up
 * settings. Only those that this version knows: the list is joined with its own.
 */
export const SETTINGS_SQL = `/* poolscope */ SELECT pg_catalog.set_config(s.name, v.value, false) FROM (VALUES
 ('statement_timeout', '2000'), ('lock_timeout', '100'), ('idle_in_transaction_session_timeout', '5000'),
 ('transaction_timeout', '5000'), ('default_transaction_read_only', 'on'), ('stats_fetch_consistency', 'none'),
 ('jit', 'off'), ('max_parallel_workers_per_gather', '0'), ('idle_session_timeout', '0')
) v(name, value) JOIN pg_catalog.pg_settings s USING (name)`

/** What seldom changes: limits, version, start. */
export const FACTS_SQL = `/* poolscope */ SELECT pg_catalog.current_setting('server_version') AS version,
 pg_catalog.current_setting('max_connections')::int AS "maxConnections",
 pg_catalog.current_setting('superuser_reserved_connections')::int
  + coalesce(pg_catalog.current_setting('reserved_connections', true)::int, 0) AS "reservedConnections",
 pg_catalog.date_part('epoch', pg_catalog.pg_postmaster_start_time()) * 1000 AS "startedAtMs"`
export type FactsRow = {
  version: string
  maxConnections: number
  reservedConnections: number
  startedAtMs: number
}

/**
 * Client sessions but our own. Who may not read a session sees neither its state nor its kind; such a
 * row counts as a client's when it has a user and a database.
 */
const FROM_CLIENTS = `FROM pg_catalog.pg_stat_activity
 WHERE pid <> pg_catalog.pg_backend_pid() AND (backend_type = 'client backend'
  OR backend_type IS NULL AND datid IS NOT NULL AND usesysid IS NOT NULL)`

const ageMs = (since: string) =>
  `pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - ${since}) * 1000`

/** One row a session; never the text of its query. One row more than the limit says that the list is cut. */
export const sessionsSql = (limit: number) => `/* poolscope */ SELECT pid, application_name AS application,
 usename AS "user", datname AS database, pg_catalog.host(client_addr) AS "clientAddress", state,
 wait_event_type AS "waitEventType", wait_event AS "waitEvent", ${ageMs('backend_start')} AS "connectedMs",
 ${ageMs('state_change')} AS "stateMs", ${ageMs('xact_start')} AS "transactionMs",
 ${ageMs('pg_catalog.statement_timestamp()')} AS "elapsedMs" ${FROM_CLIENTS} LIMIT ${limit + 1}`

/** Counts by state, for a server with more sessions than are listed. */
export const COUNTS_SQL = `/* poolscope */ SELECT state, count(*)::int AS count ${FROM_CLIENTS} GROUP BY state`
export type CountRow = { state: string | null; count: number }

export type SessionRow = {
  pid: number
  application: string | null
  user: string | null
  database: string | null
  clientAddress: string | null
  state: string | null
  waitEventType: string | null
  waitEvent: string | null
  connectedMs: number | null
  stateMs: number | null
  transactionMs: number | null
  /** Time that the server had spent on the statement when it came to this row. */
  elapsedMs: number
}

/** Counts by state, with the agent's own connection under `other`. */
export function countConnections(rows: Iterable<CountRow>): Connections {
  const counts = { active: 0, idle: 0, idleInTransaction: 0, other: 1 }
  for (const { state, count } of rows) counts[kindOf(state)] += count
  return { ...counts, total: counts.active + counts.idle + counts.idleInTransaction + counts.other }
}

function kindOf(state: string | null): 'active' | 'idle' | 'idleInTransaction' | 'other' {
  switch (state) {
    case 'active':
    case 'fastpath function call':
      return 'active'
    case 'idle':
      return 'idle'
    case 'idle in transaction':
    case 'idle in transaction (aborted)':
      return 'idleInTransaction'
    default:
      return 'other'
  }
}

/** A session as the fleet knows it: names made safe, ages in whole milliseconds. */
export function toSession(row: SessionRow): Omit<Session, 'poolId'> {
  return {
    pid: row.pid,
    application: row.application === null ? '' : cleanName(row.application),
    user: cleanNameOrNull(row.user),
    database: cleanNameOrNull(row.database),
    clientAddress: cleanNameOrNull(row.clientAddress),
    state: row.state === null ? 'unknown' : cleanName(row.state),
    waitEventType: cleanNameOrNull(row.waitEventType),
    waitEvent: cleanNameOrNull(row.waitEvent),
    connectedMs: wholeMs(row.connectedMs),
    stateMs: wholeMs(row.stateMs),
    transactionMs: wholeMs(row.transactionMs),
  }
}

function wholeMs(ms: number | null): number | null {
  // A session may have changed between the reading of its row and of the clock.
  return ms === null ? null : Math.max(0, Math.round(ms))
}
