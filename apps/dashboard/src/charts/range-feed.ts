import type { History } from '@poolscope/protocol'
import { MOST_ROWS, type RangeHistory } from '../api/history-query.ts'
import { spanOf, type TimeRange, windowOf } from '../lib/time-range.ts'
import type { LiveStore, SeriesSource } from '../live/live-store.ts'
import { VERDICTS } from '../live/series-table.ts'
import { RING_TICKS } from '../live/tick-clock.ts'
import type { ChartColumn } from './chart-types.ts'
import { isStepped, type JoinedSample, joinHistory, meanOf, peakOf } from './join-history.ts'
import type { SampleFeed } from './sample-feed.ts'

/** Every row of an answer, and every tick of the ring for the case that each is a sample. */
const SIZE = MOST_ROWS + RING_TICKS

type Rows = History['columns'][string] | undefined

/** Any time: rows of history, and the ticks that came after them. */
export class RangeFeed implements SampleFeed {
  readonly size = SIZE
  readonly times = new Float64Array(SIZE).fill(Number.NaN)
  readonly stale = new Float32Array(SIZE).fill(Number.NaN)
  readonly live: boolean
  tickMs = 1000
  newestTick = -1
  startMs = Number.NaN
  endMs = Number.NaN
  untilMs = Number.NaN
  firstNumber = -SIZE
  readonly #store: LiveStore
  readonly #source: SeriesSource
  readonly #range: TimeRange
  readonly #tickTimes = new Float64Array(RING_TICKS)
  readonly #ticks = new Float32Array(RING_TICKS)
  #nowMs = Number.NaN
  #samples: readonly JoinedSample[] = []
  #history: RangeHistory | null = null
  #rowStates: readonly number[] = []
  #rowTimes: readonly number[] = []
  #means = new Map<string, Float32Array>()
  #peaks = new Map<string, Float32Array>()

  constructor(store: LiveStore, source: SeriesSource, range: TimeRange) {
    this.#store = store
    this.#source = source
    this.#range = range
    this.live = range.kind === 'live'
  }

  /** Takes in an answer; null while there is none. The next read shows it. */
  setHistory(history: RangeHistory | null): void {
    if (history === this.#history) return
    this.#history = history
    this.#rowStates = history === null ? [] : rowStates(history.mean)
    // The clock's seconds and the agent's ticks are not the same: a row in which no tick fell is no gap by itself.
    this.#rowTimes =
      history === null
        ? []
        : history.mean.atMs.map((atMs, row) => (Number.isNaN(this.#rowStates[row]) ? Number.NaN : atMs))
  }

  /** Whether history has answered: only then is known what it does not keep. */
  get asked(): boolean {
    return this.#history !== null
  }

  /** Whether ticks that history does not cover are lost from the ring: then history has to be asked again. */
  get outrun(): boolean {
    if (this.#history === null || this.#history.coveredMs >= this.endMs) return false
    const oldestMs = this.#tickTimes.find((atMs) => !Number.isNaN(atMs))
    return oldestMs !== undefined && oldestMs > this.#history.coveredMs + this.tickMs * 1.5
  }

  get stepMs(): number {
    return this.#history?.mean.stepMs ?? Math.max(this.tickMs, spanOf(this.#range) / MOST_ROWS)
  }

  get stepped(): boolean {
    return isStepped(this.stepMs, this.tickMs)
  }

  read(again: boolean): void {
    const newest = this.#store.newestTick
    if (!again || this.newestTick < 0) this.newestTick = newest.tick
    this.tickMs = newest.tickMs
    this.#store.readTimes(this.newestTick - RING_TICKS + 1, this.newestTick, this.#tickTimes)
    const tickMs = this.#tickTimes[RING_TICKS - 1] as number
    // On a page that was paused for long the tick has left the ring.
    if (!Number.isNaN(tickMs)) this.#nowMs = tickMs
    const nowMs = this.#nowMs
    const { fromMs, toMs } = windowOf(this.#range, nowMs)
    this.startMs = fromMs
    this.endMs = toMs
    this.untilMs = Math.min(toMs, nowMs)
    const history = this.#history
    this.#samples = joinHistory(
      history && { rowTimes: this.#rowTimes, coveredMs: history.coveredMs },
      this.#tickTimes,
      { stepMs: this.stepMs, tickMs: this.tickMs },
      { startMs: this.startMs, endMs: this.endMs },
    ).slice(-SIZE)
    this.firstNumber = this.#samples.length - SIZE
    this.times.fill(Number.NaN)
    this.#samples.forEach(({ atMs }, index) => {
      this.times[index - this.firstNumber] = atMs
    })
    this.#readStale()
    for (const [name, into] of this.#means) this.#read(name, into, 'mean')
    for (const [name, into] of this.#peaks) this.#read(name, into, 'peak')
  }

  column(name: ChartColumn): Float32Array {
    if (name === 'stale') return this.stale
    return this.#kept(this.#means, name, 'mean')
  }

  peak(name: ChartColumn): Float32Array | null {
    return this.stepped ? this.#kept(this.#peaks, name, 'peak') : null
  }

  #kept(columns: Map<string, Float32Array>, name: string, part: 'mean' | 'peak'): Float32Array {
    let column = columns.get(name)
    if (column === undefined) {
      column = new Float32Array(SIZE)
      columns.set(name, column)
      this.#read(name, column, part)
    }
    return column
  }

  #read(name: string, into: Float32Array, part: 'mean' | 'peak'): void {
    const rows = this.#rows(name, part)
    this.#readTicks(name)
    const of = part === 'mean' ? meanOf : peakOf
    const verdict = VERDICTS.has(name)
    into.fill(Number.NaN)
    this.#samples.forEach((sample, index) => {
      const place = index - this.firstNumber
      if (verdict || this.stale[place] === 0) into[place] = of(sample, rows, this.#ticks)
    })
  }

  /** A step has a fresh sample when any of its ticks has one. */
  #readStale(): void {
    this.#readTicks('stale')
    this.stale.fill(Number.NaN)
    this.#samples.forEach(({ row, first, end }, index) => {
      let state = this.#rowStates[row] ?? Number.NaN
      for (let i = first; i < end; i++) {
        const tick = this.#ticks[i] as number
        if (!(state <= tick) && !Number.isNaN(tick)) state = tick
      }
      this.stale[index - this.firstNumber] = state
    })
  }

  #rows(name: string, part: 'mean' | 'peak'): Rows {
    const mean = this.#history?.mean
    const peak = this.#history?.peak
    // An answer that was given a moment later may have other rows; then the means are all that is known.
    const fits = part === 'peak' && peak != null && peak.atMs.length === mean?.atMs.length
    return (fits ? peak : mean)?.columns[name]
  }

  #readTicks(name: string): void {
    this.#store.readSeries(this.#source, name, this.newestTick - RING_TICKS + 1, this.newestTick, this.#ticks)
  }
}

/** What a row says by itself, as `SampleFeed.stale` has it: numbers are fresh, for what is stale has none. */
function rowStates({ atMs, columns }: History): number[] {
  const numbers = Object.keys(columns).filter((name) => !VERDICTS.has(name) && name !== 'ageMs')
  return atMs.map((_, row) => {
    if (numbers.some((name) => columns[name]?.[row] != null)) return 0
    return columns.stale?.[row] === 1 ? 1 : Number.NaN
  })
}
