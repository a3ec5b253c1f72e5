import type { Database, Statement } from './database.ts'
import type { HistoryRecord } from './history-store.ts'

/** Documents of one kind; the oldest go first. */
const MOST_OF_A_KIND = 100_000
/** Documents of one answer. */
const MOST_AT_ONCE = 1000

/** Small documents beside the numbers, such as annotations. */
export class Records {
  readonly #put: Statement
  readonly #trim: Statement
  readonly #range: Statement
  readonly #kinds: Statement
  readonly #count: Statement

  constructor(database: Database) {
    this.#put = database.prepare('INSERT OR REPLACE INTO record(kind, id, at, json) VALUES (?, ?, ?, ?)')
    this.#count = database.prepare('SELECT count(*) FROM record WHERE kind = ?')
    this.#trim = database.prepare(
      'DELETE FROM record WHERE (kind, id) IN (SELECT kind, id FROM record WHERE kind = ? ORDER BY at LIMIT ?)',
    )
    this.#range = database.prepare(
      'SELECT id, at, json FROM record WHERE kind = ? AND at >= ? AND at <= ? ORDER BY at DESC, id DESC LIMIT ?',
    )
    this.#kinds = database.prepare('SELECT DISTINCT kind FROM record')
  }

  put(kind: string, { id, atMs, json }: HistoryRecord): void {
    this.#put.run(kind, id, atMs, json)
    const over = (this.#count.all(kind)[0]?.[0] as number) - MOST_OF_A_KIND
    if (over > 0) this.#trim.run(kind, over)
  }

  /** Oldest first; the newest where there are more than `limit`. */
  range(kind: string, fromMs: number, toMs: number, limit = MOST_AT_ONCE): HistoryRecord[] {
    const rows = this.#range.all(kind, fromMs, toMs, limit)
    return rows
      .map(([id, atMs, json]) => ({ id: id as string, atMs: atMs as number, json: json as string }))
      .toReversed()
  }

  kinds(): string[] {
    return this.#kinds.all().map(([kind]) => kind as string)
  }
}
