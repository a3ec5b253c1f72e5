import { cleanNameOrNull } from './clean-name.ts'
import type { PostgresqlSession } from './postgresql-session.ts'
import { MOST_RUNNING, type RunningStatement, SampledStatements } from './sampled-statements.ts'
import type { StatementCounters, StatementTotals } from './source.ts'
import { normalizeSql } from './sql-text.ts'

/** Most statements of one reading, those that took longest. */
const TOP = 500
/** Reading texts makes the server load all of them: for each ms that this takes it is left alone for so many. */
const REST_FACTOR = 200
/** Longest text that is asked for. */
const TEXT_CHARS = 4000
/** Texts that are remembered. */
const MOST_TEXTS = 5000
const OURS = '/* poolscope */'

/** Reads a server's statements: a counter's totals when due, else null. */
export type StatementReader = {
  /** @param due whether totals are wanted now; a sampler looks each time, whether or not */
  read(session: PostgresqlSession, due: boolean, nowMs: number): Promise<StatementTotals | null>
}

/** The extension where this database has it, else what sessions are seen to run. */
export async function statementReader(session: PostgresqlSession): Promise<StatementReader> {
  const [extension] = await session.query<{ schema: string; hasInfo: boolean; role: string }>(
    `${OURS} SELECT pg_catalog.quote_ident(n.nspname) AS schema, current_user AS role,
 pg_catalog.current_setting('server_version_num')::int >= 140000 AS "hasInfo"
 FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
 WHERE e.extname = 'pg_stat_statements'`,
  )
  if (extension === undefined) return sampledReader()
  const counted = new Counted(extension)
  try {
    await counted.epoch(session)
    return counted
  } catch (error) {
    // Created, but the library was not loaded when the server started, or it may not be read.
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === '55000' || code === '42501') return sampledReader()
    throw error
  }
}

type CounterRow = {
  id: string
  queryId: string
  user: string | null
  database: string | null
  calls: number
  totalMs: number
  rows: number
  maxMs: number
}

/** `pg_stat_statements`. Counters come without texts; the text of an id is asked for once. */
class Counted implements StatementReader {
  readonly #schema: string
  readonly #hasInfo: boolean
  readonly #role: string
  #texts = new Map<string, string | null>()
  #nextTextsAtMs = Number.NEGATIVE_INFINITY

  constructor({ schema, hasInfo, role }: { schema: string; hasInfo: boolean; role: string }) {
    this.#schema = schema
    this.#hasInfo = hasInfo
    this.#role = role
  }

  /** When counting began: changes with a reset and with a restart. */
  async epoch(session: PostgresqlSession): Promise<string> {
    const since = this.#hasInfo
      ? `(SELECT stats_reset::text FROM ${this.#schema}.pg_stat_statements_info)`
      : "''"
    const probe = this.#hasInfo
      ? ''
      : `, (SELECT count(*) FROM ${this.#schema}.pg_stat_statements(false) LIMIT 1)`
    const [row] = await session.query<{ epoch: string }>(
      `${OURS} SELECT pg_catalog.pg_postmaster_start_time()::text || ' ' || ${since} AS epoch${probe}`,
    )
    return row?.epoch ?? ''
  }

  async read(session: PostgresqlSession, due: boolean, nowMs: number): Promise<StatementTotals | null> {
    if (!due) return null
    const epoch = await this.epoch(session)
    const rows =
      await session.query<CounterRow>(`${OURS} SELECT s.userid || ' ' || s.dbid || ' ' || s.queryid AS id,
 s.queryid::text AS "queryId", r.rolname AS "user", d.datname AS database,
 sum(s.calls)::float8 AS calls, sum(s.total_exec_time)::float8 AS "totalMs", sum(s.rows)::float8 AS rows,
 max(s.max_exec_time)::float8 AS "maxMs"
 FROM ${this.#schema}.pg_stat_statements(false) s
 LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.userid LEFT JOIN pg_catalog.pg_database d ON d.oid = s.dbid
 WHERE s.queryid IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 6 DESC LIMIT ${TOP}`)
    await this.#fetchTexts(session, rows, nowMs)
    return {
      source: 'pg_stat_statements',
      epoch,
      complete: rows.length < TOP,
      statements: rows.flatMap((row): StatementCounters[] => {
        const { id, queryId, user, database, calls, totalMs, rows: returned, maxMs } = row
        const text = this.#texts.get(queryId)
        if (text === null || (user === this.#role && isOurs(text))) return []
        return [
          {
            id,
            text: text ?? '(its text is read soon)',
            user: cleanNameOrNull(user),
            database: cleanNameOrNull(database),
            calls,
            totalMs,
            rows: returned,
            maxMs,
            p95Ms: null,
          },
        ]
      }),
    }
  }

  async #fetchTexts(session: PostgresqlSession, rows: readonly CounterRow[], nowMs: number): Promise<void> {
    const unknown = [...new Set(rows.map(({ queryId }) => queryId))].filter((id) => !this.#texts.has(id))
    if (unknown.length === 0 || nowMs < this.#nextTextsAtMs) return
    const startMs = performance.now()
    const found = await session.query<{ queryId: string; text: string | null }>(
      `${OURS} SELECT DISTINCT ON (queryid) queryid::text AS "queryId", pg_catalog.left(query, ${TEXT_CHARS}) AS text
 FROM ${this.#schema}.pg_stat_statements(true) WHERE queryid = ANY('{${unknown.join(',')}}'::bigint[])`,
    )
    this.#nextTextsAtMs = nowMs + (performance.now() - startMs) * REST_FACTOR
    if (this.#texts.size > MOST_TEXTS) this.#texts.clear()
    for (const { queryId, text } of found) this.#texts.set(queryId, shownText(text))
    // Gone since the counters were read.
    for (const id of unknown) if (!this.#texts.has(id)) this.#texts.set(id, null)
  }
}

/** Our own statements tell nobody anything. The server drops the comment that they begin with. */
function isOurs(text: string | undefined): boolean {
  return text === undefined || /\bpg_catalog\.|\bpg_stat_statements/.test(text)
}

/** Null for what need not be shown. */
function shownText(text: string | null): string | null {
  if (text === null || text === '<insufficient privilege>')
    return '(its text may not be read: GRANT pg_monitor)'
  return text.startsWith(OURS) ? null : normalizeSql(text, 'postgresql')
}

type ActiveRow = Omit<RunningStatement, 'run'> & { beganMs: number }

function sampledReader(): StatementReader {
  const sampled = new SampledStatements()
  return {
    read: (session, due) =>
      sampled.read(
        {
          running: async () => {
            const rows = await session.query<ActiveRow>(`${OURS} SELECT pid, pg_catalog.md5(query) AS hash,
 pg_catalog.date_part('epoch', query_start) * 1000 AS "beganMs", usename AS "user", datname AS database,
 pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - query_start) * 1000 AS "elapsedMs"
 FROM pg_catalog.pg_stat_activity WHERE state = 'active' AND query_start IS NOT NULL AND query <> ''
 AND backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid() LIMIT ${MOST_RUNNING}`)
            return rows.map(({ beganMs, ...row }) => ({ ...row, run: String(beganMs) }))
          },
          texts: async (hashes) => {
            const found = await session.query<{ hash: string; text: string }>(
              `${OURS} SELECT DISTINCT pg_catalog.md5(query) AS hash, pg_catalog.left(query, ${TEXT_CHARS}) AS text
 FROM pg_catalog.pg_stat_activity WHERE pg_catalog.md5(query) = ANY('{${hashes.join(',')}}')`,
            )
            return found.map(({ hash, text }) => ({ hash, text: shownText(text) }))
          },
        },
        due,
      ),
  }
}
