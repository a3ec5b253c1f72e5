import type { Block } from './chunk.ts'
import type { ChunkReader } from './chunk-reader.ts'
import type { SeriesAt } from './history-store.ts'
import { answeringAggregate, rolledName } from './kinds.ts'

/** Rows that are longer are told in pieces, because nobody who counts time by ticks lets one stand for more. */
const LONGEST_SEC = 10

/** What was true at a moment, and for how long that stands. */
export type RecordedTick = {
  atMs: number
  /** Time until the next tick, where nothing is missing; ms. */
  forMs: number
  /** Length of the rows that tell of it; ms. */
  stepMs: number
  series: SeriesAt[]
}

/**
 * The ticks of a range, oldest first: of each series the rows of the finest tier that has them, each column as the average of
 * its row, or as its largest value where only that is kept. Seconds of which nothing is kept have no tick.
 * @param toMs is not part of it
 */
export function* recordedTicks(
  reader: ChunkReader,
  fromMs: number,
  toMs: number,
): Generator<RecordedTick, void> {
  const toSec = Math.ceil(toMs / 1000)
  const rows = reader.series().map((series) => new SeriesRows(reader, series, toSec))
  for (let sec = Math.floor(fromMs / 1000); ; ) {
    const begin = Math.min(...rows.map((one) => one.seek(sec)))
    if (begin >= toSec) return
    const now = rows.filter((one) => one.beginSec <= begin)
    const end = Math.min(begin + LONGEST_SEC, toSec, ...now.map((one) => one.endSec))
    yield {
      atMs: begin * 1000,
      forMs: (end - begin) * 1000,
      stepMs: Math.max(...now.map((one) => one.stepSec)) * 1000,
      series: now.map((one) => one.at(begin)),
    }
    sec = end
  }
}

type Loaded = { times: Float64Array; columns: [string, Float64Array][]; stepSec: number }
const NOTHING: Loaded = { times: new Float64Array(0), columns: [], stepSec: 1 }

/** The rows of one series, read about a chunk at a time. */
class SeriesRows {
  readonly #reader: ChunkReader
  readonly #of: ReturnType<ChunkReader['series']>[number]
  readonly #toSec: number
  #loaded: Loaded = NOTHING
  /** From when on nothing is loaded yet. */
  #untilSec = 0
  #row = 0

  constructor(reader: ChunkReader, of: ReturnType<ChunkReader['series']>[number], toSec: number) {
    this.#reader = reader
    this.#of = of
    this.#toSec = toSec
  }

  /** When the row begins that was sought; infinite when there is none. */
  get beginSec(): number {
    return this.#loaded.times[this.#row] ?? Number.POSITIVE_INFINITY
  }

  get endSec(): number {
    return this.beginSec + this.stepSec
  }

  get stepSec(): number {
    return this.#loaded.stepSec
  }

  /** Goes to the row that holds at a second, or else to the next one. @returns that second, or when the next one begins */
  seek(sec: number): number {
    for (;;) {
      while (this.endSec <= sec) this.#row += 1
      if (this.beginSec !== Number.POSITIVE_INFINITY) return Math.max(sec, this.beginSec)
      if (this.#untilSec >= this.#toSec || !this.#load(Math.max(sec, this.#untilSec)))
        return Number.POSITIVE_INFINITY
    }
  }

  at(atSec: number): SeriesAt {
    const { kind, id, about } = this.#of
    const values: Record<string, number> = {}
    for (const [name, column] of this.#loaded.columns) values[name] = column[this.#row] as number
    return { kind, id, about, atSec, values }
  }

  #load(fromSec: number): boolean {
    const next = this.#reader.next(this.#of.series, fromSec, this.#toSec)
    this.#row = 0
    this.#untilSec = next === null ? Number.POSITIVE_INFINITY : next.untilSec
    if (next === null) {
      this.#loaded = NOTHING
      return false
    }
    const { blocks, stepSec, untilSec } = next
    const parts = blocks.map((block) => ({
      block,
      ...rowsWithin(block.times, fromSec - stepSec + 1, untilSec),
    }))
    const rows = parts.reduce((sum, { begin, end }) => sum + end - begin, 0)
    const joined = (read: (block: Block) => Float64Array | null) => {
      const all = new Float64Array(rows).fill(Number.NaN)
      let at = 0
      for (const { block, begin, end } of parts) {
        const values = read(block)
        if (values !== null) all.set(values.subarray(begin, end), at)
        at += end - begin
      }
      return all
    }
    const names = this.#reader.columnsOf(this.#of.series) ?? []
    this.#loaded = {
      stepSec,
      times: joined(({ times }) => times),
      columns: names.map((name) => [name, joined((block) => valuesOf(block, name))]),
    }
    return true
  }
}

/** Which rows of rising times are from one second on and before another. */
function rowsWithin(times: Float64Array, fromSec: number, toSec: number): { begin: number; end: number } {
  const begin = times.findIndex((time) => time >= fromSec)
  if (begin < 0) return { begin: 0, end: 0 }
  const end = times.findLastIndex((time) => time < toSec) + 1
  return { begin, end: Math.max(begin, end) }
}

/** A column as it is, or as the average of a roll-up, or as what stands for it; null where there is none. */
function valuesOf(block: Block, name: string): Float64Array | null {
  const kept = answeringAggregate(name, 'avg') ?? 'max'
  return block.column(name) ?? block.column(rolledName(name, kept))
}
