import type { ConnectionLimit, Detail, DetailGroup } from '@poolscope/protocol'
import { cleanName } from './clean-name.ts'
import type { SessionRow } from './postgresql-queries.ts'
import type { PostgresqlSession } from './postgresql-session.ts'

const OURS = '/* poolscope */'

/** Settings that decide how long a session may hold a connection, with what each is for. */
const SETTINGS: Record<string, string> = {
  statement_timeout: 'A statement that runs longer is ended; 0 never.',
  lock_timeout: 'A statement that waits longer for a lock is ended; 0 never.',
  idle_in_transaction_session_timeout:
    'A session that idles longer in an open transaction is ended; 0 never.',
  idle_session_timeout: 'A session that idles longer is ended; 0 never. Pools should close first.',
  transaction_timeout: 'A transaction that lasts longer is ended; 0 never.',
  client_connection_check_interval: 'How often a running statement checks that its client is still there.',
  tcp_keepalives_idle: 'Silence before the server asks whether the client is still there; 0 is the system’s.',
  tcp_keepalives_interval: 'Between two questions; 0 is the system’s.',
  tcp_keepalives_count: 'Unanswered questions before the session ends; 0 is the system’s.',
  superuser_reserved_connections: 'Slots that only superusers can have.',
  reserved_connections: 'Slots for roles with pg_use_reserved_connections.',
}

/** What seldom changes: the settings above, and limits of users and databases with their use. */
export type SlowFacts = { settings: DetailGroup; backends: DetailGroup; limits: ConnectionLimit[] }

/** Reads what is asked for every ten seconds. */
export async function readSlowFacts(session: PostgresqlSession): Promise<SlowFacts> {
  return {
    settings: await readSettings(session),
    backends: await readBackends(session),
    limits: await readLimits(session),
  }
}

async function readSettings(session: PostgresqlSession): Promise<DetailGroup> {
  const names = Object.keys(SETTINGS)
  const rows = await session.query<{ name: string; setting: string; unit: string | null }>(
    `${OURS} SELECT name, coalesce(reset_val, setting) AS setting, unit FROM pg_catalog.pg_settings
 WHERE name IN (${names.map((name) => `'${name}'`).join(', ')})`,
  )
  const details = names.flatMap((name): Detail[] => {
    const row = rows.find((found) => found.name === name)
    if (row === undefined) return []
    const value = Number(row.setting)
    const note = SETTINGS[name] ?? null
    if (row.unit === 'ms') return [{ name, value, unit: 'ms', note }]
    if (row.unit === 's') return [{ name, value: value * 1000, unit: 'ms', note }]
    return [{ name, value, unit: 'count', note }]
  })
  return { title: 'Settings', details }
}

const BACKENDS_SQL = `${OURS} SELECT backend_type AS kind, count(*)::int AS count FROM pg_catalog.pg_stat_activity
 WHERE backend_type IS NOT NULL AND backend_type <> 'client backend' GROUP BY 1 ORDER BY 2 DESC, 1`

async function readBackends(session: PostgresqlSession): Promise<DetailGroup> {
  const rows = await session.query<{ kind: string; count: number }>(BACKENDS_SQL)
  const [recovery] = await session.query<{ standby: boolean }>(
    `${OURS} SELECT pg_catalog.pg_is_in_recovery() AS standby`,
  )
  const role: Detail = {
    name: 'role',
    value: recovery?.standby === true ? 'standby' : 'primary',
    unit: 'text',
    note: 'A standby replays what its primary writes.',
  }
  const counts = rows.map(
    ({ kind, count }): Detail => ({
      name: cleanName(kind),
      value: count,
      unit: 'count',
      note: BACKEND_NOTES[kind] ?? null,
    }),
  )
  return { title: 'Replication and background', details: [role, ...counts] }
}

const BACKEND_NOTES: Record<string, string> = {
  walsender: 'Replicas and backups; each takes one of max_wal_senders, none of max_connections.',
  'autovacuum worker': 'Works in the background; takes none of max_connections.',
  'parallel worker': 'Helps a statement of a client; takes none of max_connections.',
}

const LIMITS_SQL = `${OURS} WITH used AS (SELECT usesysid, datid, count(*) AS n FROM pg_catalog.pg_stat_activity
 WHERE backend_type = 'client backend' OR backend_type IS NULL AND datid IS NOT NULL GROUP BY 1, 2)
 SELECT 'user' AS kind, r.rolname AS name, r.rolconnlimit AS max,
 (SELECT coalesce(sum(n), 0)::int FROM used WHERE usesysid = r.oid) AS used
 FROM pg_catalog.pg_roles r WHERE r.rolconnlimit >= 0 AND r.rolcanlogin
 UNION ALL SELECT 'database', d.datname, d.datconnlimit,
 (SELECT coalesce(sum(n), 0)::int FROM used WHERE datid = d.oid)
 FROM pg_catalog.pg_database d WHERE d.datconnlimit >= 0 AND NOT d.datistemplate ORDER BY 1, 2 LIMIT 200`

async function readLimits(session: PostgresqlSession): Promise<ConnectionLimit[]> {
  const rows = await session.query<ConnectionLimit>(LIMITS_SQL)
  return rows.map(({ kind, name, max, used }) => ({ kind, name: cleanName(name), max, used }))
}

/** What the sessions of this moment say together. */
export function activityDetails(rows: readonly SessionRow[]): DetailGroup {
  const open = rows.filter((row) => row.state?.startsWith('idle in transaction') === true)
  const active = rows.filter((row) => row.state === 'active')
  return {
    title: 'Activity',
    details: [
      age(
        'oldest transaction',
        rows.map((row) => row.transactionMs),
        'Vacuum cannot clean up behind it.',
      ),
      age(
        'oldest idle in transaction',
        open.map((row) => row.stateMs),
        'Holds its locks and its connection, and does nothing.',
      ),
      age(
        'longest running statement',
        active.map((row) => row.stateMs),
        'Of the sessions that are active now.',
      ),
      {
        name: 'waiting for a lock',
        value: rows.filter((row) => row.waitEventType === 'Lock').length,
        unit: 'count',
        note: 'Active sessions that another session keeps waiting.',
      },
      {
        name: 'most frequent wait',
        value: mostFrequent(
          active.flatMap((row) => (row.waitEvent === null ? [] : `${row.waitEventType}: ${row.waitEvent}`)),
        ),
        unit: 'text',
        note: 'What active sessions wait for most; none when they work.',
      },
    ],
  }
}

function age(name: string, ages: readonly (number | null)[], note: string): Detail {
  const known = ages.filter((ms) => ms !== null)
  return {
    name,
    value: known.length === 0 ? null : Math.max(0, Math.round(Math.max(...known))),
    unit: 'ms',
    note,
  }
}

function mostFrequent(texts: readonly string[]): string | null {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  const [top] = [...counts].sort((a, b) => b[1] - a[1])
  return top === undefined ? null : `${cleanName(top[0])} (${top[1]})`
}
