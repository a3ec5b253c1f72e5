import { ColumnOnGrid, type Grid, RowsOnGrid } from './aggregate.ts'
import { type Block, blockOf } from './chunk.ts'
import type { ChunkTables } from './chunk-tables.ts'
import { type Database, historyError, type Statement } from './database.ts'
import type { Head } from './head.ts'
import type { Range, RangeQuery, SeriesAt, SeriesKind, SeriesOf } from './history-store.ts'
import { rolledName } from './kinds.ts'
import { gridOf, levelFor } from './plan.ts'
import type { SeriesTable } from './series-table.ts'
import type { Level } from './tiers.ts'

/** A row that is older than this is not what was true then. */
const LOOK_BACK_SEC = 15
/** Rows of all series in one answer, so that it stays small enough to be sent in one piece. */
const MOST_VALUES = 200_000

/** Times are whole numbers of 32 bits. */
const LAST_SEC = 2 ** 32
/** A chunk is hardly of less: what cannot be read is looked for no closer. */
const LEAST_STRETCH_SEC = 300
/** Halving all of time takes two dozen for one broken page; where more are, the rest of the series is given up. */
const MOST_FAILURES = 200

/** Rows of one series and step, as they are kept. */
export type Rows = { of: SeriesOf; stepSec: number; block: Block; names: readonly string[] }
/** Rows that follow one another, the chunks whole: some may be of before or after the asked time. */
export type NextRows = { stepSec: number; untilSec: number; blocks: Block[] }
/** What a query still has to read: packed chunks, and rows that are in none. */
type Part = { unpack: () => Block; fromSec: number; toSec: number }

/** Reads rows wherever they are: in chunks of the tier that suits, in those of finer ones, or in none yet. */
export class ChunkReader {
  readonly #tables: ChunkTables
  readonly #series: SeriesTable
  readonly #heads: () => ReadonlyMap<number, Head>
  readonly #lastSec: () => number
  readonly #rolled: Statement
  /** Stretches of time that could not be read because pages of the file are broken. */
  unreadable = 0

  constructor(parts: {
    database: Database
    tables: ChunkTables
    series: SeriesTable
    heads: () => ReadonlyMap<number, Head>
    /** Second of the last tick. */
    lastSec: () => number
  }) {
    this.#tables = parts.tables
    this.#series = parts.series
    this.#heads = parts.heads
    this.#lastSec = parts.lastSec
    this.#rolled = parts.database.prepare('SELECT until FROM rolled WHERE step = ? AND series = ?')
  }

  /** Until when a series is rolled up to a level; 0 when it never was. */
  rolledUntil(level: number, series: number): number {
    if (level === 0) return Number.POSITIVE_INFINITY
    const [row] = this.#rolled.all(this.#tables.stepOf(level), series)
    return row === undefined ? 0 : (row[0] as number)
  }

  /** The rows of a level of a series, those of finer ones where they are not rolled up to it yet. */
  blocks(level: number, series: number, fromSec: number, toSec: number): Block[] {
    return this.#parts(level, series, fromSec, toSec).map((part) => part.unpack())
  }

  /** Times of the first and last row of a series that are in no chunk yet; null when there are none. */
  open(series: number): Pick<Head, 'firstSec' | 'lastSec'> | null {
    return this.#heads().get(series) ?? null
  }

  /** Where the rows of a query are to be had: for one series, all of whose columns are read. */
  *readSeries(kind: SeriesKind, id: string, query: RangeQuery): Generator<void, Range<string> | null> {
    const series = this.#series.find(kind, id)
    const names = series === null ? null : this.columnsOf(series)
    if (series === null || names === null) return null
    const grid = this.#gridOf(query, query.points)
    const columns = names.map((name): [string, ColumnOnGrid] => [
      name,
      new ColumnOnGrid(name, query.aggregate, grid),
    ])
    for (const { unpack, fromSec, toSec } of this.#partsOn(grid, series)) {
      const placed = new RowsOnGrid(unpack(), grid, fromSec, toSec)
      for (const [, column] of columns) column.add(placed)
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
        onGrid.add(new RowsOnGrid(unpack(), grid, fromSec, toSec))
        yield
      }
      if (parts.length > 0) columns[id] = onGrid.finish()
    }
    return { ...grid, columns }
  }

  /** Every row of a range as it is kept, chunk by chunk, and those that are in no chunk yet. */
  *rows(fromSec: number, toSec: number): Generator<Rows> {
    for (const { series, ...of } of this.#series.all()) {
      for (const { level, stepSec } of this.#tables.levels) {
        for (const bytes of this.#readable(level, series, fromSec, Math.min(toSec, LAST_SEC))) {
          const { block: whole, names } = this.#tables.unpack(bytes)
          const block = within(whole, names, fromSec, toSec)
          if (block !== null) yield { of: { ...of, columns: names }, stepSec, block, names }
        }
      }
      const head = this.#heads().get(series)
      const open = head === undefined ? null : within(head.block(), head.names, fromSec, toSec)
      if (head === undefined || open === null) continue
      yield { of: { ...of, columns: head.names }, stepSec: 1, block: open, names: head.names }
    }
  }

  /** Every series with who it is. */
  series(): (Omit<SeriesOf, 'columns'> & { series: number })[] {
    return this.#series.all()
  }

  /**
   * The next rows of a series from a second on, of the finest tier that has them: about a chunk, up to `untilSec`.
   * Null when there are none before `toSec`.
   */
  next(series: number, fromSec: number, toSec: number): NextRows | null {
    const head = this.#heads().get(series)
    const begins = this.#tables.levels.map(({ level }) => {
      const first = this.#tables.firstAfter(level, series, fromSec)
      const open = level === 0 && head !== undefined && head.lastSec >= fromSec ? head.firstSec : null
      const known = [first, open].filter((begin) => begin !== null)
      return known.length === 0 ? Number.POSITIVE_INFINITY : Math.max(fromSec, Math.min(...known))
    })
    const first = Math.min(...begins)
    if (first >= toSec) return null
    const coarsest = this.#tables.stepOf(begins.indexOf(first))
    // Where finer rows begin within a row, they tell of it better.
    const finest = this.#tables.levels[begins.findIndex((begin) => begin < first + coarsest)] as Level
    const { level, stepSec, spanSec } = finest
    const begin = begins[level] as number
    if (begin >= toSec) return null
    const untilSec = Math.min(begin + spanSec, toSec, ...begins.slice(0, level))
    return { stepSec, untilSec, blocks: this.blocks(level, series, begin, untilSec) }
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
    for (const { firstSec, lastSec } of this.#heads().values()) {
      begin = Math.min(begin, firstSec)
      last = Math.max(last, lastSec)
    }
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

  /** The columns of a series: those of its open rows, or of its last chunk. */
  columnsOf(series: number): readonly string[] | null {
    const head = this.#heads().get(series)
    if (head !== undefined) return head.names
    for (const { level } of this.#tables.levels) {
      const end = this.#tables.end(level, series)
      if (end === null) continue
      const bytes = this.#tables.packed(level, series, end - 1, end).at(-1)
      const names = bytes === undefined ? [] : this.#tables.unpack(bytes).names
      if (names.length === 0) continue
      if (level === 0) return names
      const suffix = rolledName('', 'max')
      return names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length))
    }
    return null
  }

  #lastRow(series: number, atSec: number): Pick<SeriesAt, 'atSec' | 'values'> | null {
    for (const { level, stepSec } of this.#tables.levels) {
      const fromSec = atSec - Math.max(LOOK_BACK_SEC, stepSec) + 1
      const bytes = this.#tables.packed(level, series, fromSec, atSec + 1).at(-1)
      if (bytes === undefined) continue
      const { times, column } = this.#tables.unpack(bytes).block
      const row = times.findLastIndex((time) => time <= atSec)
      if (row < 0 || (times[row] as number) < fromSec) continue
      const names = this.columnsOf(series) ?? []
      const lastOf = (name: string) => (column(name) ?? column(rolledName(name, 'max')))?.[row]
      return {
        atSec: times[row] as number,
        values: Object.fromEntries(names.map((name) => [name, lastOf(name) ?? Number.NaN])),
      }
    }
    return null
  }

  /** The chunks of a time; those around broken pages where there are some. */
  #readable(level: number, series: number, fromSec: number, toSec: number): Uint8Array[] {
    const found: Uint8Array[] = []
    const stretches: [number, number][] = [[fromSec, toSec]]
    for (let failures = 0; stretches.length > 0 && failures < MOST_FAILURES; ) {
      const [from, to] = stretches.pop() as [number, number]
      try {
        found.push(...this.#tables.packed(level, series, from, to))
      } catch (error) {
        if (historyError(error).code !== 'corrupt') throw error
        failures += 1
        const middle = Math.floor((from + to) / 2)
        if (to - from > LEAST_STRETCH_SEC) stretches.push([middle, to], [from, middle])
        else this.unreadable += 1
      }
    }
    this.unreadable += stretches.length
    return found
  }

  #gridOf(query: RangeQuery, points: number): Grid {
    const levels = this.#tables.levels.map((level) => ({
      ...level,
      keepSec: Math.min(level.keepSec, this.#lastSec() - this.#tables.tier(level.level).cutSec),
    }))
    return gridOf({ ...query, points }, levels, this.#lastSec())
  }

  #partsOn(grid: Grid, series: number): Part[] {
    const toSec = grid.fromSec + grid.rows * grid.stepSec
    return this.#parts(levelFor(grid, this.#tables.levels), series, grid.fromSec, toSec)
  }

  /** The rows of a level; what is not rolled up to it yet, of the finer ones. */
  #parts(level: number, series: number, fromSec: number, toSec: number): Part[] {
    if (fromSec >= toSec) return []
    const rolled = this.rolledUntil(level, series)
    const until = Math.min(toSec, rolled)
    const packed = fromSec < until ? this.#tables.packed(level, series, fromSec, until) : []
    const parts: Part[] = packed.map((bytes) => ({
      unpack: () => this.#tables.unpack(bytes).block,
      fromSec,
      toSec: until,
    }))
    if (level > 0) return [...parts, ...this.#parts(level - 1, series, Math.max(fromSec, rolled), toSec)]
    const head = this.#heads().get(series)
    if (head === undefined || head.lastSec < fromSec || head.firstSec >= toSec) return parts
    const open = head.block()
    const end = this.#tables.end(0, series)
    if (end === null || end <= head.firstSec) return [...parts, { unpack: () => open, fromSec, toSec }]
    // Seconds that are lived twice, because the clock was set back: the later ticks count.
    let all = { block: open, names: head.names }
    for (const bytes of packed) all = this.#tables.merged(bytes, all.block, all.names)
    return [{ unpack: () => all.block, fromSec, toSec }]
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
