import type { Series } from '@poolscope/rules'

/** Long enough to be small for a day, short enough to see an hour in. */
export const STEP_MS = 300_000
export const STEPS = 288

/** How the samples of a step become one number. */
export type Fold = 'least' | 'most' | 'mean'

/** Steps of a subject that were stored: step `fromStep + i` since the epoch at i, NaN is not known. */
export type PastDay<Column extends string> = {
  fromStep: number
  columns: Readonly<Record<Column, Float64Array>>
}

/** Numbers of one subject over the last day, in steps of five minutes. The step that goes on is not part of it yet. */
export class DayWindow<Column extends string> implements Series<Column> {
  readonly stepMs = STEP_MS
  readonly #columns: readonly Column[]
  readonly #folds: readonly Fold[]
  /** Rows of closed steps, step n at n modulo STEPS; NaN is not known. */
  readonly #rows: Float32Array
  #first: number | null = null
  #step: number | null = null
  #values: number[]
  #counts: number[]

  /** @param columns each with how its samples become one number */
  constructor(columns: Readonly<Record<Column, Fold>>) {
    this.#columns = Object.keys(columns) as Column[]
    this.#folds = this.#columns.map((name) => columns[name])
    this.#rows = new Float32Array(this.#columns.length * STEPS)
    this.#values = this.#columns.map(() => 0)
    this.#counts = this.#columns.map(() => 0)
  }

  get length(): number {
    if (this.#first === null || this.#step === null) return 0
    return Math.min(STEPS, this.#step - this.#first)
  }

  /** A value of a closed step, 0 the oldest; null where nothing was known in it. */
  at(column: Column, index: number): number | null {
    const { length } = this
    if (this.#step === null || index < 0 || index >= length) return null
    const value = this.#rows[
      this.#index(this.#step - length + index) + this.#columns.indexOf(column)
    ] as number
    return Number.isNaN(value) ? null : value
  }

  /** Takes in what is true at a moment; a clock that went back or leapt a day begins anew. */
  add(atMs: number, sample: Readonly<Record<Column, number | null>>): void {
    const step = Math.floor(atMs / STEP_MS)
    if (this.#step === null || step < this.#step || step - this.#step > STEPS) this.#begin(step)
    else if (step > this.#step) this.#close(step)
    this.#columns.forEach((column, i) => {
      const value = sample[column]
      if (value !== null) this.#fold(i, value)
    })
  }

  /** Takes in what was stored of the steps before the first one; what the window saw itself stands. */
  recall({ fromStep, columns }: PastDay<Column>): void {
    if (this.#step === null) this.#begin(fromStep + columns[this.#columns[0] as Column].length)
    const [first, step] = [this.#first as number, this.#step as number]
    const from = Math.max(fromStep, step - STEPS)
    if (from >= first) return
    for (let past = from; past < first; past++) {
      this.#columns.forEach((column, i) => {
        const value = columns[column][past - fromStep]
        this.#rows[this.#index(past) + i] = value === undefined ? Number.NaN : value
      })
    }
    this.#first = from
  }

  #fold(i: number, value: number): void {
    const [so, count] = [this.#values[i] as number, this.#counts[i] as number]
    const fold = this.#folds[i]
    this.#counts[i] = count + 1
    if (count === 0) this.#values[i] = value
    else if (fold === 'mean') this.#values[i] = so + (value - so) / (count + 1)
    else this.#values[i] = fold === 'least' ? Math.min(so, value) : Math.max(so, value)
  }

  #begin(step: number): void {
    this.#first = step
    this.#step = step
    this.#counts.fill(0)
  }

  /** Writes the step that went on, and gaps for those without a sample. */
  #close(step: number): void {
    const from = this.#step as number
    for (let closed = from; closed < step; closed++) {
      const index = this.#index(closed)
      for (let i = 0; i < this.#columns.length; i++) {
        const known = closed === from && (this.#counts[i] as number) > 0
        this.#rows[index + i] = known ? (this.#values[i] as number) : Number.NaN
      }
    }
    this.#step = step
    this.#counts.fill(0)
  }

  #index(step: number): number {
    return (step % STEPS) * this.#columns.length
  }
}
