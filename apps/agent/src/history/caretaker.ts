import { rollUp } from './aggregate.ts'
import type { ChunkReader } from './chunk-reader.ts'
import type { ChunkTables } from './chunk-tables.ts'
import type { Database, Statement } from './database.ts'
import { rolledNames } from './kinds.ts'
import type { SeriesTable } from './series-table.ts'
import type { Level } from './tiers.ts'

/** Every series is looked after once in this many calls, which is in five minutes. */
const ROUND = 30
/** Spans that one series is rolled up by at a time, so that an agent that was away for long does not stop for it. */
const SPANS_AT_ONCE = 4
/** Below this share of the budget nothing is removed. */
const FULL_RATIO = 0.97
/** Share of a tier's time that is removed at a time when the budget is spent. */
const CUT_RATIO = 0.05
/** Pages given back to the file system at a time. */
const SHRINK_PAGES = 512

/** Rolls rows up, and removes those that are too old or do not fit the budget; a little on every call. */
export class Caretaker {
  readonly #tables: ChunkTables
  readonly #series: SeriesTable
  readonly #database: Database
  readonly #reader: ChunkReader
  readonly #budgetBytes: number
  readonly #writeRolled: Statement
  readonly #firstRolled: Statement
  readonly #turnBack: Statement
  readonly #forget: Statement
  #cursor = 0

  constructor(parts: {
    database: Database
    tables: ChunkTables
    series: SeriesTable
    reader: ChunkReader
    budgetBytes: number
  }) {
    const { database } = parts
    this.#database = database
    this.#tables = parts.tables
    this.#series = parts.series
    this.#reader = parts.reader
    this.#budgetBytes = parts.budgetBytes
    this.#writeRolled = database.prepare(
      'INSERT OR REPLACE INTO rolled(step, series, until) VALUES (?, ?, ?)',
    )
    this.#firstRolled = database.prepare(
      `INSERT INTO rolled(step, series, until) VALUES (?, ?, ?)
       ON CONFLICT(step, series) DO UPDATE SET until = max(until, excluded.until)`,
    )
    this.#turnBack = database.prepare('UPDATE rolled SET until = ? WHERE step = ? AND until > ?')
    this.#forget = database.prepare('DELETE FROM rolled WHERE series = ?')
  }

  /** Says that a level holds a series until a time, because its rows came from another store. */
  isRolled({ level, stepSec }: Level, series: number, untilSec: number): void {
    if (level > 0) this.#firstRolled.run(stepSec, series, untilSec)
  }

  /** What is rolled up from a time on has to be again, because the clock was turned back to it. */
  turnBack(toSec: number): void {
    for (const { level, stepSec, spanSec } of this.#tables.levels) {
      const until = Math.floor(toSec / spanSec) * spanSec
      if (level > 0) this.#turnBack.run(until, stepSec, until)
    }
  }

  /**
   * One share of the work, within a transaction.
   * @param mayAge false keeps what is too old, because the clock may be wrong
   */
  work(nowSec: number, mayAge: boolean): void {
    const share = Math.ceil(this.#series.count() / ROUND)
    const next = this.#series.after(this.#cursor, share)
    this.#cursor = next.length < share ? 0 : (next.at(-1) as number)
    for (const series of next) {
      this.#rollSeries(series, nowSec)
      if (mayAge) this.#age(series, nowSec)
      this.#forgetEmpty(series)
    }
    if (mayAge)
      for (const { level, keepSec } of this.#tables.levels) this.#tables.cut(level, nowSec - keepSec)
    this.#keepBudget(nowSec)
  }

  #rollSeries(series: number, nowSec: number): void {
    const columns = this.#reader.columnsOf(series)
    if (columns === null) return
    for (const level of this.#tables.levels) {
      for (let spans = 0; spans < SPANS_AT_ONCE; spans++) {
        if (level.level > 0 && !this.#rollSpan(level, series, columns, nowSec)) break
      }
    }
  }

  /** @returns false when there is nothing left to roll up */
  #rollSpan(level: Level, series: number, columns: readonly string[], nowSec: number): boolean {
    const { spanSec, stepSec } = level
    const end = Math.floor(nowSec / spanSec) * spanSec
    const until = this.#reader.rolledUntil(level.level, series)
    if (until >= end) return false
    const first = this.#firstFiner(level.level, series, until)
    const fromSec = first === null ? end : Math.max(until, Math.floor(first / spanSec) * spanSec)
    if (fromSec >= end) {
      this.#writeRolled.run(stepSec, series, end)
      return false
    }
    const blocks = this.#reader.blocks(level.level - 1, series, fromSec, fromSec + spanSec)
    const rolled = rollUp(blocks, columns, { fromSec, stepSec, rows: spanSec / stepSec })
    if (rolled !== null) this.#tables.put(level.level, series, rolled, rolledNames(columns))
    this.#writeRolled.run(stepSec, series, fromSec + spanSec)
    return true
  }

  /** About when the first row after a time of any finer level is; never later. */
  #firstFiner(level: number, series: number, afterSec: number): number | null {
    const open = this.#reader.open(series)
    let first = open !== null && open.lastSec >= afterSec ? open.firstSec : null
    for (let finer = 0; finer < level; finer++) {
      const found = this.#tables.firstAfter(finer, series, afterSec)
      if (found !== null && (first === null || found < first)) first = found
    }
    return first
  }

  #age(series: number, nowSec: number): void {
    for (const { level, keepSec } of this.#tables.levels) this.#remove(level, series, nowSec - keepSec)
  }

  /** Removes what ends by a time and is rolled up already. */
  #remove(level: number, series: number, cutSec: number): void {
    const next = this.#tables.levels[level + 1]
    const rolled = next === undefined ? cutSec : this.#reader.rolledUntil(next.level, series)
    this.#tables.removeBefore(level, series, Math.min(cutSec, rolled))
  }

  #forgetEmpty(series: number): void {
    if (this.#reader.open(series) !== null) return
    if (this.#tables.levels.some(({ level }) => this.#tables.end(level, series) !== null)) return
    this.#forget.run(series)
    this.#series.remove(series)
  }

  /** Removes the oldest of the finest tier that may give some, until the rest fits. */
  #keepBudget(nowSec: number): void {
    const { bytes, usedBytes } = this.#database.size()
    if (bytes > this.#budgetBytes) this.#database.shrink(SHRINK_PAGES)
    if (usedBytes < this.#budgetBytes * FULL_RATIO) return
    const { levels } = this.#tables
    for (const { level, spanSec } of levels) {
      const next = levels[level + 1]
      // Rows that the next tier is still to be made of stay.
      const least = nowSec - 2 * (next?.spanSec ?? spanSec)
      const { cutSec } = this.#tables.tier(level)
      const oldest = Math.max(cutSec, this.#oldest(level))
      if (oldest >= least) continue
      const cut = Math.min(least, oldest + Math.max(spanSec, Math.ceil((nowSec - oldest) * CUT_RATIO)))
      for (const series of this.#series.after(0, Number.MAX_SAFE_INTEGER)) this.#remove(level, series, cut)
      this.#tables.cut(level, cut)
      return
    }
  }

  #oldest(level: number): number {
    let oldest = Number.POSITIVE_INFINITY
    for (const series of this.#series.after(0, Number.MAX_SAFE_INTEGER)) {
      const first = this.#tables.firstAfter(level, series, 0)
      if (first !== null && first < oldest) oldest = first
    }
    return oldest
  }
}
