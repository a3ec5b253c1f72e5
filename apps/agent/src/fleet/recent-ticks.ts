import type { History } from '@poolscope/protocol'
import { threeDigits } from './three-digits.ts'
import type { SeriesRing, TickTimes } from './tick-ring.ts'

/** The last ticks of one series, oldest first. */
export class RecentTicks {
  readonly columns: readonly string[]
  readonly #times: TickTimes
  readonly #ring: SeriesRing

  constructor(times: TickTimes, ring: SeriesRing, columns: readonly string[]) {
    this.columns = columns
    this.#times = times
    this.#ring = ring
  }

  /** When each tick was, epoch seconds. */
  get times(): Float64Array {
    const { first, count } = this.#times
    return Float64Array.from({ length: count - first }, (_, i) =>
      Math.floor(this.#times.at(first + i) / 1000),
    )
  }

  /** A column, NaN where it is not known; null when there is none of that name. */
  column(name: string): Float64Array | null {
    const column = this.columns.indexOf(name)
    if (column < 0) return null
    const { first, count } = this.#times
    return Float64Array.from({ length: count - first }, (_, i) => {
      const value = this.#ring.at(first + i, column)
      // The ring has single precision; three digits of it are exact.
      return value === null ? Number.NaN : Number.isInteger(value) ? value : threeDigits(value)
    })
  }

  /** Everything, a row a tick. @param stepMs time between ticks */
  history(stepMs: number): History {
    const atMs = Array.from(this.times, (second) => second * 1000)
    const known = (name: string) =>
      Array.from(this.column(name) ?? [], (value) => (Number.isNaN(value) ? null : value))
    const columns = Object.fromEntries(this.columns.map((name) => [name, known(name)]))
    const toMs = atMs.length === 0 ? 0 : (atMs.at(-1) as number) + stepMs
    return { fromMs: atMs[0] ?? 0, toMs, stepMs, atMs, columns }
  }
}
