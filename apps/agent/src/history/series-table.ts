import type { Database, Statement } from './database.ts'
import type { SeriesKind, SeriesOf } from './history-store.ts'

/** The numbers of pools, groups and servers, and who they are. */
export class SeriesTable {
  readonly #find: Statement
  readonly #put: Statement
  readonly #ofKind: Statement
  readonly #all: Statement
  readonly #after: Statement
  readonly #remove: Statement
  readonly #close: Statement
  readonly #closed: Statement
  readonly #count: Statement

  constructor(database: Database) {
    this.#find = database.prepare('SELECT id FROM series WHERE kind = ? AND name = ?')
    this.#put = database.prepare(
      `INSERT INTO series(kind, name, about) VALUES (?, ?, ?)
       ON CONFLICT(kind, name) DO UPDATE SET about = excluded.about RETURNING id`,
    )
    this.#ofKind = database.prepare('SELECT id, name FROM series WHERE kind = ?')
    this.#all = database.prepare('SELECT id, kind, name, about FROM series ORDER BY id')
    this.#after = database.prepare('SELECT id FROM series WHERE id > ? ORDER BY id LIMIT ?')
    this.#remove = database.prepare('DELETE FROM series WHERE id = ?')
    this.#close = database.prepare('UPDATE series SET closed = ? WHERE id = ?')
    this.#closed = database.prepare('SELECT id, closed FROM series')
    this.#count = database.prepare('SELECT count(*) FROM series')
  }

  /** The number of a series; null when it was never kept. */
  find(kind: SeriesKind, name: string): number | null {
    const [row] = this.#find.all(kind, name)
    return row === undefined ? null : (row[0] as number)
  }

  /** The number of a series, which is given one where it has none. */
  put({ kind, id, about }: SeriesOf): number {
    const [row] = this.#put.all(kind, id, JSON.stringify(about))
    return row?.[0] as number
  }

  ofKind(kind: SeriesKind): { series: number; id: string }[] {
    return this.#ofKind.all(kind).map(([series, id]) => ({ series: series as number, id: id as string }))
  }

  /** Every series with who it is. */
  all(): (Omit<SeriesOf, 'columns'> & { series: number })[] {
    return this.#all.all().map(([series, kind, id, about]) => ({
      series: series as number,
      kind: kind as SeriesKind,
      id: id as string,
      about: aboutOf(about as string),
    }))
  }

  /** The next numbers after one, rising. */
  after(series: number, limit: number): number[] {
    return this.#after.all(series, limit).map(([id]) => id as number)
  }

  /** Says that the ticks of a series up to a record of the tail are in chunks. */
  close(series: number, record: number): void {
    this.#close.run(record, series)
  }

  /** The last record of the tail whose tick is in a chunk, by series. */
  closed(): Map<number, number> {
    return new Map(this.#closed.all().map(([series, record]) => [series as number, record as number]))
  }

  remove(series: number): void {
    this.#remove.run(series)
  }

  count(): number {
    return this.#count.all()[0]?.[0] as number
  }
}

/** What is written of a series; nothing where that is broken. */
function aboutOf(json: string): SeriesOf['about'] {
  try {
    return JSON.parse(json) as SeriesOf['about']
  } catch {
    return {}
  }
}
