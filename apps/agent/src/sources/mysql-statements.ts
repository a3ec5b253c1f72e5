import { cleanNameOrNull } from './clean-name.ts'
import type { MysqlSession } from './mysql-session.ts'
import type { StatementTotals } from './source.ts'
import { normalizeSql } from './sql-text.ts'

/** Most statements of one reading, those that took longest. */
const TOP = 200
/** The server counts in picoseconds. */
const PS_PER_MS = 1e9
const OURS = /performance_schema|information_schema/

type DigestRow = {
  schema: string | null
  digest: string | null
  text: string | null
  calls: number | string
  totalPs: number | string
  maxPs: number | string
  rows: number | string
  p95Ps: number | string | null
}

/** Reads statement digests. The server itself keeps no literals in them; they are taken out once more all the same. */
export async function readDigests(
  session: MysqlSession,
  epoch: string,
  p95Column: string | null,
): Promise<StatementTotals> {
  const rows =
    await session.query<DigestRow>(`SELECT SCHEMA_NAME AS \`schema\`, DIGEST AS digest, DIGEST_TEXT AS text,
 COUNT_STAR AS calls, SUM_TIMER_WAIT AS totalPs, MAX_TIMER_WAIT AS maxPs, SUM_ROWS_SENT AS \`rows\`,
 ${p95Column ?? 'NULL'} AS p95Ps FROM performance_schema.events_statements_summary_by_digest
 WHERE DIGEST IS NOT NULL ORDER BY SUM_TIMER_WAIT DESC LIMIT ${TOP}`)
  return {
    source: 'performance_schema',
    epoch,
    complete: rows.length < TOP,
    statements: rows
      .filter(({ text }) => text !== null && !OURS.test(text))
      .map(({ schema, digest, text, calls, totalPs, maxPs, rows: sent, p95Ps }) => ({
        id: `${digest} ${schema ?? ''}`,
        text: normalizeSql(text ?? '', 'mysql'),
        user: null,
        database: cleanNameOrNull(schema),
        calls: Number(calls),
        totalMs: Number(totalPs) / PS_PER_MS,
        rows: Number(sent),
        maxMs: Number(maxPs) / PS_PER_MS,
        p95Ms: p95Ps === null ? null : Number(p95Ps) / PS_PER_MS,
      })),
  }
}
