import { Caretaker } from './caretaker.ts'
import { ChunkReader, type Rows } from './chunk-reader.ts'
import { ChunkTables } from './chunk-tables.ts'
import { corrupt, Database, HistoryError, type Statement } from './database.ts'
import { Head } from './head.ts'
import type { HistoryTick, SeriesOf } from './history-store.ts'
import { Records } from './records.ts'
import { SeriesTable } from './series-table.ts'
import { readTail, TailWriter, tokensOf } from './tail.ts'
import { levelsOf, type Tier } from './tiers.ts'

/** What a store is made with. */
export type ChunkStoreOptions = {
  dir: string
  tiers: readonly Tier[]
  budgetBytes: number
  /** Opens what is broken too, to read what can be read; nothing is written to it. */
  mayBeBroken?: boolean
}

/** Spreads the closing of chunks over the time that one covers. */
const STAGGER_SEC = 7
/** A head that could not be closed for this many rows takes no more. */
const MOST_HEAD_ROWS = 1200
/** A clock that jumps further ahead is not believed at once: nothing is removed for its age meanwhile. */
const JUMP_SEC = 3600

/** `at`: where its numbers begin among those of all. */
type Member = { series: number; shape: number; names: readonly string[]; at: number }
type Kept = { of: readonly SeriesOf[]; members: Member[] }

/** The store itself: all of it happens at once, on the thread that calls. */
export class ChunkStore {
  readonly #database: Database
  readonly #tables: ChunkTables
  readonly #series: SeriesTable
  readonly #caretaker: Caretaker
  readonly #appendTail: Statement
  readonly #trimTail: Statement
  readonly records: Records
  /** Answers queries. */
  readonly reader: ChunkReader
  readonly budgetBytes: number
  readonly #tail = new TailWriter()
  #heads = new Map<number, Head>()
  #kept: Kept = { of: [], members: [] }
  #nextRecord = 1
  #lastSec = 0
  #ageAgainSec = 0
  /** Ticks of the tail that are not what was written. */
  #brokenRecords = 0

  /** @throws HistoryError when the directory cannot be used */
  constructor({ dir, tiers, budgetBytes, mayBeBroken = false }: ChunkStoreOptions) {
    this.budgetBytes = budgetBytes
    const database = new Database(dir)
    this.#database = database
    try {
      this.#tables = new ChunkTables(database, levelsOf(tiers))
      this.#series = new SeriesTable(database)
      this.records = new Records(database)
      this.reader = new ChunkReader({
        database,
        tables: this.#tables,
        series: this.#series,
        heads: () => this.#heads,
        lastSec: () => this.#lastSec,
      })
      this.#caretaker = new Caretaker({
        database,
        tables: this.#tables,
        series: this.#series,
        reader: this.reader,
        budgetBytes,
      })
      this.#appendTail = database.prepare('INSERT INTO tail(id, data) VALUES (?, ?)')
      this.#trimTail = database.prepare('DELETE FROM tail WHERE id < ?')
      this.#recover(mayBeBroken)
    } catch (error) {
      database.close()
      // Text that is no JSON any more, numbers that cannot be.
      throw error instanceof SyntaxError || error instanceof RangeError ? corrupt(error) : error
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

  /** Size, and what each tier has. */
  facts() {
    return {
      ...this.#database.size(),
      series: this.#series.count(),
      brokenPieces: this.#tables.broken + this.reader.unreadable + this.#brokenRecords,
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

  #readRecord(data: Uint8Array) {
    try {
      return readTail(data)
    } catch {
      this.#brokenRecords += 1
      return null
    }
  }

  #recover(mayBeBroken: boolean): void {
    try {
      this.#readTail()
    } catch (error) {
      if (!mayBeBroken) throw error
      this.#brokenRecords += 1
    }
  }

  /** Reads the ticks that were kept but were in no chunk when the process ended. */
  #readTail(): void {
    const closed = this.#series.closed()
    this.#nextRecord = Math.max(0, ...closed.values()) + 1
    for (const [id, data] of this.#database.prepare('SELECT id, data FROM tail ORDER BY id').all()) {
      const record = id as number
      this.#nextRecord = Math.max(this.#nextRecord, record + 1)
      const tick = this.#readRecord(data as Uint8Array)
      if (tick === null) continue
      const { atSec, series } = tick
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
      this.#lastSec = atSec
    }
    if (this.#lastSec > 0) return
    for (const one of this.#series.after(0, Number.MAX_SAFE_INTEGER)) {
      const end = this.#tables.end(0, one)
      if (end !== null) this.#lastSec = Math.max(this.#lastSec, end - 1)
    }
  }
}
