import type { FleetHistory } from '@poolscope/protocol'

/** Points of a sparkline. */
export const SPARK_POINTS = 60
/** What a point of the last five minutes stands for, ms: the largest value of that time. */
export const SPARK_STEP_MS = 5000

/** The time that sparklines show. `endMs` is null while they follow what is live. */
export type SparkWindow = { readonly stepMs: number; readonly endMs: number | null }

/** Asks for the rows that are the points of the last five minutes: as many, and on the same grid. */
export function liveSparkQuery(nowMs: number): string {
  const firstMs = (Math.floor(nowMs / SPARK_STEP_MS) - SPARK_POINTS + 1) * SPARK_STEP_MS
  return `points=${SPARK_POINTS}&fromMs=${firstMs}&toMs=${Math.round(nowMs)}`
}

/** Counts over all tables, so that one that takes another's place never looks like it. */
let changes = 0

/** The last five minutes. */
export const LIVE_SPARKS: SparkWindow = { stepMs: SPARK_STEP_MS, endMs: null }

/**
 * One column of every pool group as sparklines show it: as many points as there are, on the clock's own
 * grid, each the largest value of its time, so that a spike of one tick is seen. History and live ticks fall
 * into the same places, and joining them counts nothing twice.
 */
export class SparkTable {
  readonly #stepMs: number
  readonly #follows: boolean
  #rows = new Map<string, Float32Array>()
  /** The newest point: a time divided by the step. */
  #newest = 0
  /** Rises with each new point and with history: not with each tick, most of which change no picture. */
  version = ++changes

  constructor({ stepMs, endMs }: SparkWindow = LIVE_SPARKS) {
    this.#stepMs = stepMs
    this.#follows = endMs === null
    if (endMs !== null) this.#newest = Math.floor((endMs - 1) / stepMs)
  }

  /**
   * Takes in one tick: one value per id, in the order of `ids`.
   * @param stale 1 where the value is an old one, which is no point of this moment
   */
  write(
    atMs: number,
    ids: readonly string[],
    values: readonly (number | null)[],
    stale: readonly (number | null)[] | undefined,
  ): void {
    if (!this.#follows) return
    const step = this.#advance(atMs)
    for (let i = 0; i < ids.length; i++) {
      if (stale?.[i] !== 1) this.#raise(ids[i] as string, step, values[i])
    }
  }

  /** Takes in history. */
  merge(history: FleetHistory): void {
    this.version = ++changes
    const steps = history.atMs.map((atMs) => this.#advance(atMs))
    for (const [id, values] of Object.entries(history.groups)) {
      for (let row = 0; row < steps.length; row++) this.#raise(id, steps[row] as number, values[row])
    }
  }

  /** Lets go of all but these. */
  keepOnly(ids: readonly string[]): void {
    const kept = new Set(ids)
    for (const id of this.#rows.keys()) if (!kept.has(id)) this.#rows.delete(id)
  }

  clear(): void {
    this.#rows.clear()
    if (this.#follows) this.#newest = 0
  }

  /** Copies the points of one id, oldest first; NaN is "not known". @returns false when there are none */
  read(id: string, into: Float32Array): boolean {
    const row = this.#rows.get(id)
    if (row === undefined) return false
    for (let i = 0; i < SPARK_POINTS; i++) into[i] = row[(this.#newest + 1 + i) % SPARK_POINTS] as number
    return true
  }

  #advance(atMs: number): number {
    const step = Math.floor(atMs / this.#stepMs)
    if (step <= this.#newest || !this.#follows) return step
    const from = Math.max(this.#newest + 1, step - SPARK_POINTS + 1)
    for (const row of this.#rows.values()) {
      for (let passed = from; passed <= step; passed++) row[passed % SPARK_POINTS] = Number.NaN
    }
    this.#newest = step
    this.version = ++changes
    return step
  }

  #raise(id: string, step: number, value: number | null | undefined): void {
    if (typeof value !== 'number' || step > this.#newest || step <= this.#newest - SPARK_POINTS) return
    let row = this.#rows.get(id)
    if (row === undefined) {
      row = new Float32Array(SPARK_POINTS).fill(Number.NaN)
      this.#rows.set(id, row)
    }
    const at = step % SPARK_POINTS
    if (!((row[at] as number) >= value)) row[at] = value
  }
}
