import { cleanNameOrNull } from './clean-name.ts'
import { type MysqlFlavor, runningTextsSql } from './mysql-flavor.ts'
import type { MysqlSession } from './mysql-session.ts'
import { MOST_RUNNING, type RunningStatement, SampledStatements } from './sampled-statements.ts'
import type { StatementTotals } from './source.ts'
import { normalizeSql } from './sql-text.ts'

/** Most statements of one reading, those that took longest. */
const TOP = 500
/** The server counts in picoseconds. */
const PS_PER_MS = 1e9
/** Longest text that is asked for. */
const TEXT_CHARS = 4000
/** Texts that are remembered. */
const MOST_TEXTS = 5000
/** Our own statements tell nobody anything; in a digest the comment that marks them is gone. */
const OURS = /\b(performance_schema|information_schema)\b|`mysql` ?\. ?`user`|^SHOW GLOBAL VARIABLES/i
const DIGESTS = 'performance_schema.events_statements_summary_by_digest'

type DigestRow = {
  schema: string | null
  digest: string
  calls: number
  totalPs: number
  maxPs: number
  rows: number
  p95Ps: number | null
}

/** Reads a server's statements: digests where they may be read, else what sessions are seen to run. */
export class MysqlStatements {
  readonly #session: MysqlSession
  readonly #flavor: MysqlFlavor
  readonly #sampled = new SampledStatements()
  #texts = new Map<string, string | null>()

  constructor(session: MysqlSession, flavor: MysqlFlavor) {
    this.#session = session
    this.#flavor = flavor
  }

  /**
   * @param counted whether the server's digests may be read
   * @param due whether totals are wanted now; null when not. What is sampled is looked at all the same
   */
  async read(counted: boolean, due: boolean): Promise<StatementTotals | null> {
    if (counted) return due ? this.#readDigests() : null
    return this.#sampled.read(
      {
        running: () => this.#session.query<RunningStatement>(this.#flavor.runningSql(MOST_RUNNING)),
        texts: async (hashes) => {
          const found = await this.#session.query<{ hash: string; text: string }>(
            runningTextsSql(hashes, TEXT_CHARS),
          )
          return found.map(({ hash, text }) => ({ hash, text: normalizeSql(text, 'mysql') }))
        },
      },
      due,
    )
  }

  async #readDigests(): Promise<StatementTotals> {
    // Whoever empties the table, and a restart, begin with younger statements than there were.
    const [first] = await this.#session.query<{ epoch: string | null }>(
      `SELECT CAST(MIN(FIRST_SEEN) AS CHAR) AS epoch FROM ${DIGESTS}`,
    )
    const rows = await this.#session.query<DigestRow>(`SELECT SCHEMA_NAME AS \`schema\`, DIGEST AS digest,
 COUNT_STAR AS calls, SUM_TIMER_WAIT AS totalPs, MAX_TIMER_WAIT AS maxPs, SUM_ROWS_SENT AS \`rows\`,
 ${this.#flavor.p95Column} AS p95Ps FROM ${DIGESTS}
 WHERE DIGEST IS NOT NULL ORDER BY SUM_TIMER_WAIT DESC LIMIT ${TOP}`)
    await this.#fetchTexts(rows)
    return {
      source: 'performance_schema',
      epoch: first?.epoch ?? '',
      complete: rows.length < TOP,
      statements: rows.flatMap((row) => {
        const text = this.#texts.get(row.digest) ?? null
        if (text === null) return []
        return [
          {
            id: `${row.digest} ${row.schema ?? ''}`,
            text,
            user: null,
            database: cleanNameOrNull(row.schema),
            calls: Number(row.calls),
            totalMs: Number(row.totalPs) / PS_PER_MS,
            rows: Number(row.rows),
            maxMs: Number(row.maxPs) / PS_PER_MS,
            // MySQL tells the upper end of a step of its histogram, which may lie above the longest run.
            p95Ms: row.p95Ps === null ? null : Math.min(Number(row.p95Ps), Number(row.maxPs)) / PS_PER_MS,
          },
        ]
      }),
    }
  }

  /** The text of a digest is asked for once; the server keeps no literals in it, and they are taken out once more. */
  async #fetchTexts(rows: readonly DigestRow[]): Promise<void> {
    const unknown = [...new Set(rows.map(({ digest }) => digest))].filter(
      (digest) => !this.#texts.has(digest),
    )
    if (unknown.length === 0) return
    if (this.#texts.size > MOST_TEXTS) this.#texts.clear()
    // Hexadecimal.
    const list = unknown.map((digest) => `'${digest}'`).join(', ')
    const found = await this.#session.query<{ digest: string; text: string | null }>(
      `SELECT DISTINCT DIGEST AS digest, LEFT(DIGEST_TEXT, ${TEXT_CHARS}) AS text FROM ${DIGESTS} WHERE DIGEST IN (${list})`,
    )
    for (const { digest, text } of found) {
      this.#texts.set(digest, text === null || OURS.test(text) ? null : normalizeSql(text, 'mysql'))
    }
  }
}
