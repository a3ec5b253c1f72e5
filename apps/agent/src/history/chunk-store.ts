import { ColumnOnGrid, type Grid } from './aggregate.ts'
import { Caretaker } from './caretaker.ts'
import { type Block, blockOf, chunkHead } from './chunk.ts'
import { ChunkTables } from './chunk-tables.ts'
import { Database, HistoryError, type Statement } from './database.ts'
import { Head } from './head.ts'
import type { HistoryTick, Range, RangeQuery, SeriesAt, SeriesKind, SeriesOf } from './history-store.ts'
import { rolledName } from './kinds.ts'
import { gridOf, levelFor } from './plan.ts'
import { Records } from './records.ts'
import { SeriesTable } from './series-table.ts'
import { readTail, TailWriter, tokensOf } from './tail.ts'
import { type Level, levelsOf, type Tier } from './tiers.ts'

/** What a store is made with. */
export type ChunkStoreOptions = { dir: string; tiers: readonly Tier[]; budgetBytes: number }

/** Spreads the closing of chunks over the time that one covers. */
const STAGGER_SEC = 7
/** A head that could not be closed for this many rows takes no more. */
const MOST_HEAD_ROWS = 1200
/** A row that is older than this is not what was true then. */
const LOOK_BACK_SEC = 15
/** A clock that jumps further ahead is not believed at once: nothing is removed for its age meanwhile. */
const JUMP_SEC = 3600
/** Rows of all series in one answer, so that it stays small enough to be sent in one piece. */
const MOST_VALUES = 200_000

/** Rows of one series and step, as they are kept. */
export type Rows = { of: SeriesOf; stepSec: number; block: Block; names: readonly string[] }
/** `at`: where its numbers begin among those of all. */
type Member = { series: number; shape: number; names: readonly string[]; at: number }
type Kept = { of: readonly SeriesOf[]; members: Member[] }
/** What a query still has to read: packed chunks, and rows that are in none. */
type Part = { unpack: () => Block; fromSec: number; toSec: number }

/** The store itself: all of it happens at once, on the thread that calls. */
export class ChunkStore {
  readonly #database: Database
  readonly #tables: ChunkTables
  readonly #series: SeriesTable
  readonly #caretaker: Caretaker
  readonly #appendTail: Statement
  readonly #trimTail: Statement
  readonly records: Records
  readonly budgetBytes: number
  readonly #tail = new TailWriter()
  #heads = new Map<number, Head>()
  #kept: Kept = { of: [], members: [] }
  #nextRecord = 1
  #lastSec = 0
  #ageAgainSec = 0

  /** @throws HistoryError when the directory cannot be used */
  constructor({ dir, tiers, budgetBytes }: ChunkStoreOptions) {
    this.budgetBytes = budgetBytes
    const database = new Database(dir)
    this.#database = database
    try {
      this.#tables = new ChunkTables(database, levelsOf(tiers))
      this.#series = new SeriesTable(database)
      this.records = new Records(database)
      const rows = {
        blocks: (level: number, series: number, fromSec: number, toSec: number) =>
          this.#parts(level, series, fromSec, toSec).map((part) => part.unpack()),
        columns: (series: number) => this.#columnsOf(series),
        open: (series: number) => this.#heads.get(series) ?? null,
      }
      this.#caretaker = new Caretaker({
        database,
        tables: this.#tables,
        series: this.#series,
        rows,
        budgetBytes,
      })
      this.#appendTail = database.prepare('INSERT INTO tail(id, data) VALUES (?, ?)')
      this.#trimTail = database.prepare('DELETE FROM tail WHERE id < ?')
      this.#recover()
    } catch (error) {
      database.close()
      throw error
    }
  }

  /** The last second that a tick was kept of; 0 before the first. */
  get lastSec(): number {
    return this.#lastSec
  }

  /**
   * Keeps a tick: once this returns it outlives the process.
   * @throws HistoryError when it could not be kept
   */
  append({ atMs, series, values }: HistoryTick): void {
    const atSec = Math.floor(atMs / 1000)
    if (series !== this.#kept.of) this.#kept = this.#membersOf(series)
    if (atSec < this.#lastSec) this.#turnBack(atSec)
    const { members } = this.#kept
    const tokens = tokensOf(values)
    this.#tail.begin(atSec, members.length)
    for (const { series: id, shape, names, at } of members)
      this.#tail.add(id, shape, tokens, at, names.length)
    const heads = members.map((member) => this.#headFor(member, atSec))
    this.#database.transaction(() => this.#appendTail.run(this.#nextRecord, this.#tail.end()))
    for (const [i, head] of heads.entries()) {
      const { series: id, at } = members[i] as Member
      head.push(atSec, tokens, at)
      this.#heads.set(id, head)
    }
    this.#nextRecord += 1
    if (this.#lastSec > 0 && atSec - this.#lastSec > JUMP_SEC) this.#ageAgainSec = atSec + JUMP_SEC
    this.#lastSec = atSec
  }

  /** Closes the chunks that are due, and rolls up and removes a share: every ten seconds. @throws HistoryError */
  housekeep(): void {
    const due = [...this.#heads].filter(([, head]) => this.#lastSec >= head.dueSec)
    if (due.length > 0) this.#change(() => this.#close(due))
    for (const [series] of due) this.#heads.delete(series)
    this.#change(() => this.#caretaker.work(this.#lastSec, this.#lastSec >= this.#ageAgainSec))
  }

  /** Puts every open row into a chunk, as before an export. @throws HistoryError */
  flush(): void {
    const all = [...this.#heads]
    this.#change(() => this.#close(all))
    this.#heads.clear()
  }

  /**
   * Puts rows of another store into the tier of their step, in the place of those of the same times.
   * @returns false where there is no such tier
   */
  put({ of, stepSec, block, names }: Rows): boolean {
    const level = this.#tables.levels.find((one) => one.stepSec === stepSec)
    if (level === undefined) return false
    this.#change(() => {
      const series = this.#series.put(of)
      this.#tables.put(level.level, series, block, names)
      this.#caretaker.isRolled(level, series, (block.times.at(-1) as number) + stepSec)
    })
    return true
  }

  /** Every row of a range as it is kept, chunk by chunk. */
  *rows(fromSec: number, toSec: number): Generator<Rows> {
    this.flush()
    for (const { series, ...of } of this.#series.all()) {
      for (const { level, stepSec } of this.#tables.levels) {
        for (const bytes of this.#tables.packed(level, series, fromSec, toSec)) {
          const names = this.#tables.namesOf(chunkHead(bytes).shape)
          const block = within(this.#tables.unpack(bytes), names, fromSec, toSec)
          if (block !== null) yield { of: { ...of, columns: names }, stepSec, block, names }
        }
      }
    }
  }

  /** The last row of every series at a moment, of the finest tier that has one. */
  *readAt(atSec: number): Generator<void, SeriesAt[]> {
    const found: SeriesAt[] = []
    for (const { series, ...of } of this.#series.all()) {
      const one = this.#lastRow(series, atSec)
      if (one !== null) found.push({ ...of, ...one })
      yield
    }
    return found
  }

  /** First and last second that anything is kept of; null when nothing is. */
  extent(): { fromSec: number; toSec: number } | null {
    let begin = Number.POSITIVE_INFINITY
    let last = Number.NEGATIVE_INFINITY
    for (const { series } of this.#series.all()) {
      for (const { level } of this.#tables.levels) {
        const fromSec = this.#tables.firstAfter(level, series, 0)
        const end = this.#tables.end(level, series)
        if (fromSec !== null) begin = Math.min(begin, fromSec)
        if (end !== null) last = Math.max(last, end - 1)
      }
    }
    return begin <= last ? { fromSec: begin, toSec: last } : null
  }

  /** Where the rows of a query are to be had: for one series, all of whose columns are read. */
  *readSeries(kind: SeriesKind, id: string, query: RangeQuery): Generator<void, Range<string> | null> {
    const series = this.#series.find(kind, id)
    const names = series === null ? null : this.#columnsOf(series)
    if (series === null || names === null) return null
    const grid = this.#gridOf(query, query.points)
    const columns = names.map((name): [string, ColumnOnGrid] => [
      name,
      new ColumnOnGrid(name, query.aggregate, grid),
    ])
    for (const { unpack, fromSec, toSec } of this.#partsOn(grid, series)) {
      const block = unpack()
      for (const [, column] of columns) column.add(block, fromSec, toSec)
      yield
    }
    return { ...grid, columns: Object.fromEntries(columns.map(([name, column]) => [name, column.finish()])) }
  }

  /** One column of all series of a kind that have a row in the range. */
  *readColumn(kind: SeriesKind, column: string, query: RangeQuery): Generator<void, Range<string>> {
    const all = this.#series.ofKind(kind)
    const most = Math.max(1, Math.floor(MOST_VALUES / Math.max(1, all.length)))
    const grid = this.#gridOf(query, Math.min(query.points, most))
    const columns: Record<string, Float64Array> = {}
    for (const { series, id } of all) {
      const onGrid = new ColumnOnGrid(column, query.aggregate, grid)
      const parts = this.#partsOn(grid, series)
      for (const { unpack, fromSec, toSec } of parts) {
        onGrid.add(unpack(), fromSec, toSec)
        yield
      }
      if (parts.length > 0) columns[id] = onGrid.finish()
    }
    return { ...grid, columns }
  }

  /** Size, and what each tier has. */
  facts() {
    return {
      ...this.#database.size(),
      series: this.#series.count(),
      tiers: this.#tables.levels.map(({ level, stepSec, keepSec }) => {
        const { bytes, cutSec } = this.#tables.tier(level)
        return { stepMs: stepSec * 1000, keepMs: keepSec * 1000, bytes, cutMs: cutSec * 1000 }
      }),
    }
  }

  /** Limits the file as a full disk would: for tests. */
  limitTo(bytes: number): void {
    this.#database.limitTo(bytes)
  }

  close(): void {
    this.#database.close()
  }

  /** A transaction; what it changed in memory is forgotten when it is taken back. */
  #change(work: () => void): void {
    try {
      this.#database.transaction(() => {
        work()
        this.#tables.save()
      })
    } catch (error) {
      this.#tables.reload()
      throw error
    }
  }

  #membersOf(of: readonly SeriesOf[]): Kept {
    const members: Member[] = []
    let at = 0
    this.#change(() => {
      for (const one of of) {
        members.push({
          series: this.#series.put(one),
          shape: this.#tables.shapeOf(one.columns),
          names: one.columns,
          at,
        })
        at += one.columns.length
      }
    })
    return { of, members }
  }

  /** The open rows of a series; a new one where there is none, or its columns changed. */
  #headFor({ series, shape, names }: Member, atSec: number): Head {
    const head = this.#heads.get(series)
    if (head !== undefined && head.shape === shape) {
      if (head.rows < MOST_HEAD_ROWS) return head
      throw new HistoryError('broken', 'Chunks of the history cannot be written.')
    }
    if (head !== undefined) this.#change(() => this.#close([[series, head]]))
    return new Head(shape, names, this.#nextRecord, this.#dueSec(series, atSec))
  }

  #dueSec(series: number, atSec: number): number {
    const spanSec = this.#tables.levels[0]?.spanSec as number
    const offset = (series * STAGGER_SEC) % spanSec
    return (Math.floor((atSec + offset) / spanSec) + 1) * spanSec - offset
  }

  /** Writes heads as chunks, and removes the records that no other head needs. */
  #close(heads: readonly [number, Head][]): void {
    if (heads.length === 0) return
    for (const [series, head] of heads) {
      this.#tables.put(0, series, head.block(), head.names)
      this.#series.close(series, this.#nextRecord - 1)
    }
    const closed = new Set(heads.map(([, head]) => head))
    let needed = this.#nextRecord
    for (const head of this.#heads.values()) {
      if (!closed.has(head) && head.firstRecord < needed) needed = head.firstRecord
    }
    this.#trimTail.run(needed)
  }

  /**
   * The clock was set back: what was open becomes chunks, and what follows is kept beside it. A second that is lived
   * twice keeps its later tick.
   */
  #turnBack(toSec: number): void {
    const all = [...this.#heads]
    this.#change(() => {
      this.#close(all)
      this.#caretaker.turnBack(toSec)
    })
    this.#heads.clear()
    this.#lastSec = toSec
  }

  /** Reads the ticks that were kept but were in no chunk when the process ended. */
  #recover(): void {
    const closed = this.#series.closed()
    this.#nextRecord = Math.max(0, ...closed.values()) + 1
    for (const [id, data] of this.#database.prepare('SELECT id, data FROM tail ORDER BY id').all()) {
      const record = id as number
      const { atSec, series } = readTail(data as Uint8Array)
      for (const { id: one, shape, row } of series) {
        const until = closed.get(one)
        if (until === undefined || record <= until) continue
        const known = this.#heads.get(one)
        const head =
          known?.shape === shape
            ? known
            : new Head(shape, this.#tables.namesOf(shape), record, this.#dueSec(one, atSec))
        head.push(atSec, row, 0)
        this.#heads.set(one, head)
      }
      this.#nextRecord = Math.max(this.#nextRecord, record + 1)
      this.#lastSec = atSec
    }
    if (this.#lastSec > 0) return
    for (const one of this.#series.after(0, Number.MAX_SAFE_INTEGER)) {
      const end = this.#tables.end(0, one)
      if (end !== null) this.#lastSec = Math.max(this.#lastSec, end - 1)
    }
  }

  #lastRow(series: number, atSec: number): Pick<SeriesAt, 'atSec' | 'values'> | null {
    for (const { level, stepSec } of this.#tables.levels) {
      const fromSec = atSec - Math.max(LOOK_BACK_SEC, stepSec) + 1
      const bytes = this.#tables.packed(level, series, fromSec, atSec + 1).at(-1)
      if (bytes === undefined) continue
      const { times, column } = this.#tables.unpack(bytes)
      const row = times.findLastIndex((time) => time <= atSec)
      if (row < 0 || (times[row] as number) < fromSec) continue
      const names = this.#columnsOf(series) ?? []
      const lastOf = (name: string) => (column(name) ?? column(rolledName(name, 'max')))?.[row]
      return {
        atSec: times[row] as number,
        values: Object.fromEntries(names.map((name) => [name, lastOf(name) ?? Number.NaN])),
      }
    }
    return null
  }

  #gridOf(query: RangeQuery, points: number): Grid {
    const levels = this.#tables.levels.map((level) => ({
      ...level,
      keepSec: Math.min(level.keepSec, this.#lastSec - this.#tables.tier(level.level).cutSec),
    }))
    return gridOf({ ...query, points }, levels, this.#lastSec)
  }

  #partsOn(grid: Grid, series: number): Part[] {
    const toSec = grid.fromSec + grid.rows * grid.stepSec
    return this.#parts(levelFor(grid, this.#tables.levels), series, grid.fromSec, toSec)
  }

  /** The rows of a level; what is not rolled up to it yet, of the finer ones. */
  #parts(level: number, series: number, fromSec: number, toSec: number): Part[] {
    if (fromSec >= toSec) return []
    const rolled = this.#caretaker.rolledUntil(this.#tables.levels[level] as Level, series)
    const until = Math.min(toSec, rolled)
    const packed = fromSec < until ? this.#tables.packed(level, series, fromSec, until) : []
    const parts: Part[] = packed.map((bytes) => ({
      unpack: () => this.#tables.unpack(bytes),
      fromSec,
      toSec: until,
    }))
    if (level > 0) return [...parts, ...this.#parts(level - 1, series, Math.max(fromSec, rolled), toSec)]
    const head = this.#heads.get(series)
    if (head === undefined || head.lastSec < fromSec || head.firstSec >= toSec) return parts
    const open = head.block()
    const end = this.#tables.end(0, series)
    if (end === null || end <= head.firstSec) return [...parts, { unpack: () => open, fromSec, toSec }]
    // Seconds that are lived twice, because the clock was set back: the later ticks count.
    let all = { block: open, names: head.names }
    for (const bytes of packed) all = this.#tables.merged(bytes, all.block, all.names)
    return [{ unpack: () => all.block, fromSec, toSec }]
  }

  /** The columns of a series: those of its open rows, or of its last chunk. */
  #columnsOf(series: number): readonly string[] | null {
    const head = this.#heads.get(series)
    if (head !== undefined) return head.names
    for (const { level } of this.#tables.levels) {
      const end = this.#tables.end(level, series)
      if (end === null) continue
      const bytes = this.#tables.packed(level, series, end - 1, end).at(-1) as Uint8Array
      const names = this.#tables.namesOf(chunkHead(bytes).shape)
      if (level === 0) return names
      const suffix = rolledName('', 'max')
      return names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length))
    }
    return null
  }
}

/** The rows of a block that are from a time and before another; null when there are none. */
function within(block: Block, names: readonly string[], fromSec: number, toSec: number): Block | null {
  const { times } = block
  const begin = times.findIndex((time) => time >= fromSec)
  const end = times.findLastIndex((time) => time < toSec) + 1
  if (begin < 0 || end <= begin) return null
  const columns = names.map((name): [string, Float64Array] => [
    name,
    (block.column(name) as Float64Array).subarray(begin, end),
  ])
  return blockOf(times.subarray(begin, end), new Map(columns))
}
