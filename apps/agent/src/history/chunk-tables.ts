import { type Block, blockOf, chunkHead, decodeChunk, encodeChunk } from './chunk.ts'
import type { Database, Statement } from './database.ts'
import type { Level } from './tiers.ts'

/** Seconds since the epoch fit 32 bits until 2106, and the number of a series fits the 21 bits above. */
const SERIES = 2 ** 32

type Table = {
  level: Level
  insert: Statement
  remove: Statement
  range: Statement
  lastBefore: Statement
  first: Statement
  before: Statement
  removeBefore: Statement
  bytes: number
  cutSec: number
  changed: boolean
}

/** The chunks of every series, a table a step, and what there is of each. */
export class ChunkTables {
  readonly #database: Database
  readonly #tables: Table[]
  readonly #shapes = new Map<number, readonly string[]>()
  readonly #shapeIds = new Map<string, number>()
  readonly #saveTier: Statement
  /** Chunks that were asked for and are not what was written. */
  broken = 0

  /** Makes the tables of new steps, and drops those of steps that are no longer kept. */
  constructor(database: Database, levels: readonly Level[]) {
    this.#database = database
    dropOthers(database, levels)
    this.#saveTier = database.prepare('INSERT OR REPLACE INTO tier(step, bytes, cut) VALUES (?, ?, ?)')
    this.#tables = levels.map((level) => openTable(database, level))
    this.reload()
  }

  /** Forgets what a transaction changed that was taken back. */
  reload(): void {
    this.#shapes.clear()
    this.#shapeIds.clear()
    for (const [id, names] of this.#database.prepare('SELECT id, names FROM shape').all()) {
      this.#remember(id as number, names as string)
    }
    for (const table of this.#tables) {
      const [tier] = this.#database
        .prepare('SELECT bytes, cut FROM tier WHERE step = ?')
        .all(table.level.stepSec)
      table.bytes = tier === undefined ? 0 : (tier[0] as number)
      table.cutSec = tier === undefined ? 0 : (tier[1] as number)
      table.changed = tier === undefined
    }
  }

  /** Writes down what there is of each tier: before the end of a transaction that changed chunks. */
  save(): void {
    for (const table of this.#tables) {
      if (table.changed) this.#saveTier.run(table.level.stepSec, table.bytes, table.cutSec)
      table.changed = false
    }
  }

  get levels(): Level[] {
    return this.#tables.map(({ level }) => level)
  }

  stepOf(level: number): number {
    return this.#table(level).level.stepSec
  }

  /** Bytes of a level's chunks, and before when there is nothing because it was removed. */
  tier(level: number): { bytes: number; cutSec: number } {
    return this.#table(level)
  }

  /** The number of a list of column names. */
  shapeOf(names: readonly string[]): number {
    const text = JSON.stringify(names)
    const known = this.#shapeIds.get(text)
    if (known !== undefined) return known
    const [row] = this.#database.prepare('INSERT INTO shape(names) VALUES (?) RETURNING id').all(text)
    const id = row?.[0] as number
    this.#remember(id, text)
    return id
  }

  /** The list of a number of {@link shapeOf}. @throws RangeError when there is none */
  namesOf(shape: number): readonly string[] {
    const names = this.#shapes.get(shape)
    if (names === undefined) throw new RangeError(`there is no shape ${shape}`)
    return names
  }

  /** Writes rows; where there are rows of the same times already, the new ones take their place. */
  put(level: number, series: number, block: Block, names: readonly string[]): void {
    const {
      insert,
      lastBefore,
      remove,
      level: { stepSec },
    } = this.#table(level)
    let whole: { block: Block; names: readonly string[] } = { block, names }
    for (;;) {
      const { times } = whole.block
      const until = (times.at(-1) as number) + stepSec
      const [row] = lastBefore.all(series * SERIES, series * SERIES + until)
      if (row === undefined || (row[1] as number) <= (times[0] as number)) break
      const bytes = row[2] as Uint8Array
      whole = this.merged(bytes, whole.block, whole.names)
      remove.run(row[0] as number)
      this.#grow(level, -bytes.length)
    }
    const { times } = whole.block
    const shape = this.shapeOf(whole.names)
    const bytes = encodeChunk(whole.block, whole.names, { shape, stepSec, deflate: level > 0 })
    insert.run(series * SERIES + (times[0] as number), (times.at(-1) as number) + stepSec, bytes)
    this.#grow(level, bytes.length)
  }

  /** The chunks of a series that have rows from a second on and before another, packed, oldest first. */
  packed(level: number, series: number, from: number, to: number): Uint8Array[] {
    // What is beyond these would be another series'.
    const fromSec = Math.max(0, from)
    const toSec = Math.min(to, SERIES - 1)
    if (fromSec >= toSec) return []
    const key = series * SERIES
    const rows = this.#table(level).range.all(key, key + fromSec, key + fromSec, key + toSec, fromSec)
    return rows.map((one) => one[0] as Uint8Array)
  }

  /** The rows of a chunk and newer ones, which take the place of those of the same time. */
  merged(bytes: Uint8Array, newer: Block, newerNames: readonly string[]): { block: Block; names: string[] } {
    const older = this.unpack(bytes)
    const all = [...new Set([...newerNames, ...older.names])]
    return { block: merged(older.block, newer, all), names: all }
  }

  /** The rows of a chunk; none where it is not what was written, which is counted. */
  unpack(bytes: Uint8Array): { block: Block; names: readonly string[] } {
    try {
      const names = this.namesOf(chunkHead(bytes).shape)
      return { block: decodeChunk(bytes, names), names }
    } catch {
      this.broken += 1
      return { block: blockOf(new Float64Array(0), new Map()), names: [] }
    }
  }

  /** When the first chunk of a series begins that ends after `afterSec`; null when there is none. */
  firstAfter(level: number, series: number, afterSec: number): number | null {
    const [row] = this.#table(level).first.all(series * SERIES, (series + 1) * SERIES, afterSec)
    return row === undefined ? null : (row[0] as number) - series * SERIES
  }

  /** When the last chunk of a series ends; null when there is none. */
  end(level: number, series: number): number | null {
    const [row] = this.#table(level).lastBefore.all(series * SERIES, (series + 1) * SERIES)
    return row === undefined ? null : (row[1] as number)
  }

  /** Removes the chunks of a series that end by `cutSec`. */
  removeBefore(level: number, series: number, cutSec: number): void {
    const { before, removeBefore } = this.#table(level)
    const key = series * SERIES
    const [row] = before.all(key, key + cutSec, cutSec)
    const bytes = row?.[0]
    if (typeof bytes !== 'number') return
    removeBefore.run(key, key + cutSec, cutSec)
    this.#grow(level, -bytes)
  }

  /** Says that what a level had before a time is removed. */
  cut(level: number, cutSec: number): void {
    const table = this.#table(level)
    if (cutSec <= table.cutSec) return
    table.cutSec = cutSec
    table.changed = true
  }

  #grow(level: number, bytes: number): void {
    const table = this.#table(level)
    table.bytes += bytes
    table.changed = true
  }

  #table(level: number): Table {
    const table = this.#tables[level]
    if (table === undefined) throw new RangeError(`there is no level ${level}`)
    return table
  }

  #remember(id: number, names: string): void {
    this.#shapes.set(id, JSON.parse(names) as string[])
    this.#shapeIds.set(names, id)
  }
}

function openTable(database: Database, level: Level): Table {
  const name = `chunk_${level.stepSec}`
  database
    .prepare(
      `CREATE TABLE IF NOT EXISTS ${name}(key INTEGER PRIMARY KEY, until INTEGER NOT NULL, data BLOB NOT NULL)`,
    )
    .run()
  const own = 'key >= ? AND key < ?'
  return {
    level,
    insert: database.prepare(`INSERT INTO ${name}(key, until, data) VALUES (?, ?, ?)`),
    remove: database.prepare(`DELETE FROM ${name} WHERE key = ?`),
    // From the last chunk that begins before, where it reaches so far.
    range: database.prepare(
      `SELECT data FROM ${name} WHERE key >= coalesce((SELECT max(key) FROM ${name} WHERE key >= ? AND key <= ?), ?)
       AND key < ? AND until > ? ORDER BY key`,
    ),
    lastBefore: database.prepare(
      `SELECT key, until, data FROM ${name} WHERE ${own} ORDER BY key DESC LIMIT 1`,
    ),
    first: database.prepare(`SELECT key FROM ${name} WHERE ${own} AND until > ? ORDER BY key LIMIT 1`),
    before: database.prepare(`SELECT sum(length(data)) FROM ${name} WHERE ${own} AND until <= ?`),
    removeBefore: database.prepare(`DELETE FROM ${name} WHERE ${own} AND until <= ?`),
    bytes: 0,
    cutSec: 0,
    changed: false,
  }
}

function dropOthers(database: Database, levels: readonly Level[]): void {
  for (const [step] of database.prepare('SELECT step FROM tier').all()) {
    if (levels.some(({ stepSec }) => stepSec === step)) continue
    database.transaction(() => {
      database.prepare(`DROP TABLE IF EXISTS chunk_${Number(step)}`).run()
      database.prepare('DELETE FROM tier WHERE step = ?').run(step as number)
      database.prepare('DELETE FROM rolled WHERE step = ?').run(step as number)
    })
  }
}

/** Rows of both; of two with the same time the newer one. */
function merged(older: Block, newer: Block, names: readonly string[]): Block {
  const rows = new Map<number, { block: Block; row: number }>()
  for (const block of [older, newer]) {
    for (const [row, time] of block.times.entries()) rows.set(time, { block, row })
  }
  const times = Float64Array.from(rows.keys()).sort()
  const columns = names.map((name): [string, Float64Array] => {
    const values = new Map([older, newer].map((block) => [block, block.column(name)]))
    const value = (time: number) => {
      const { block, row } = rows.get(time) as { block: Block; row: number }
      return values.get(block)?.[row] ?? Number.NaN
    }
    return [name, times.map(value)]
  })
  return blockOf(times, new Map(columns))
}
