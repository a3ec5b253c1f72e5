import type { LiveStore, SeriesSource } from '../live/live-store.ts'
import { RING_TICKS } from '../live/tick-clock.ts'
import type { ChartColumn } from './chart-types.ts'
import type { SampleFeed } from './sample-feed.ts'

/** The last ticks, each a sample, as the live stream has them. */
export class TickFeed implements SampleFeed {
  readonly size = RING_TICKS
  readonly times = new Float64Array(RING_TICKS).fill(Number.NaN)
  readonly stale = new Float32Array(RING_TICKS).fill(Number.NaN)
  readonly stepped = false
  readonly live = true
  tickMs = 1000
  newestTick = -1
  readonly #store: LiveStore
  readonly #source: SeriesSource
  readonly #spanMs: number
  readonly #columns = new Map<string, Float32Array>([['stale', this.stale]])

  /** @param spanMs what the plot is wide; no more than the ring holds */
  constructor(store: LiveStore, source: SeriesSource, spanMs: number) {
    this.#store = store
    this.#source = source
    this.#spanMs = spanMs
  }

  get endMs(): number {
    return this.times[RING_TICKS - 1] as number
  }

  get untilMs(): number {
    return this.endMs
  }

  /** The ring is one step short of its length: between 300 ticks lie 299. */
  get startMs(): number {
    return this.endMs - Math.min(this.#spanMs, (RING_TICKS - 1) * this.tickMs)
  }

  get stepMs(): number {
    return this.tickMs
  }

  get firstNumber(): number {
    return this.newestTick - RING_TICKS + 1
  }

  read(again: boolean): void {
    const newest = this.#store.newestTick
    if (!again || this.newestTick < 0) this.newestTick = newest.tick
    this.tickMs = newest.tickMs
    this.#store.readTimes(this.firstNumber, this.newestTick, this.times)
    for (const [name, column] of this.#columns) this.#read(name, column)
  }

  column(name: ChartColumn): Float32Array {
    let column = this.#columns.get(name)
    if (column === undefined) {
      column = new Float32Array(RING_TICKS)
      this.#columns.set(name, column)
      this.#read(name, column)
    }
    return column
  }

  peak(): null {
    return null
  }

  #read(name: string, into: Float32Array): void {
    this.#store.readSeries(this.#source, name, this.firstNumber, this.newestTick, into)
  }
}
