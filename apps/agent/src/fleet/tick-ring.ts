/** How many ticks every series keeps. */
const RING_TICKS = 300

/** The times of the last ticks, shared by all series of a fleet. */
export class TickTimes {
  #times = new Float64Array(RING_TICKS)
  /** Ticks since the start; tick n sits at n modulo {@link RING_TICKS}. */
  count = 0

  push(atMs: number): void {
    this.#times[this.count % RING_TICKS] = atMs
    this.count += 1
  }

  /** The number of the oldest tick that is still there. */
  get first(): number {
    return Math.max(0, this.count - RING_TICKS)
  }

  at(tick: number): number {
    return this.#times[tick % RING_TICKS] as number
  }
}

/**
 * The columns of one pool, group or server over the last ticks. NaN stands for what is not known
 * and for ticks from before the series began.
 */
export class SeriesRing {
  readonly #values: Float32Array
  readonly #columns: number
  readonly #begin: number
  #next: number

  /** @param tick the first tick that the series will hold */
  constructor(columns: number, tick: number) {
    this.#columns = columns
    this.#values = new Float32Array(columns * RING_TICKS).fill(Number.NaN)
    this.#begin = tick
    this.#next = tick
  }

  /** Writes one tick; ticks that were skipped since the last one become gaps. */
  write(tick: number, row: readonly (number | null)[]): void {
    for (let gap = Math.max(this.#next, tick - RING_TICKS + 1); gap < tick; gap++) this.#fill(gap, null)
    this.#fill(tick, row)
    this.#next = tick + 1
  }

  /** The value of a column at a tick; null where unknown or out of range. */
  at(tick: number, column: number): number | null {
    if (tick < this.#begin || tick >= this.#next || tick < this.#next - RING_TICKS) return null
    const value = this.#values[(tick % RING_TICKS) * this.#columns + column] as number
    return Number.isNaN(value) ? null : value
  }

  #fill(tick: number, row: readonly (number | null)[] | null): void {
    const base = (tick % RING_TICKS) * this.#columns
    for (let i = 0; i < this.#columns; i++) {
      const value = row === null ? null : row[i]
      this.#values[base + i] = value === null || value === undefined ? Number.NaN : value
    }
  }
}
