import type { ChartUnit } from './chart-types.ts'

/** How long the axis stays larger than its values need, ms. */
const SHRINK_AFTER_MS = 30_000
/** Most intervals between the labels of the axis. */
const MOST_STEPS = 4

/** The labels of an axis from zero to the last of them. */
export type YAxisTicks = readonly number[]

/**
 * Labels at 1, 2 or 5 times a power of ten, from 0 to the first one that is not below `value`.
 * Counts are labelled at whole numbers alone.
 * @param value not negative; zero and NaN answer the smallest axis
 */
export function niceTicks(value: number, unit: ChartUnit): YAxisTicks {
  const wanted = value > 0 ? value : 1
  const rough = wanted / MOST_STEPS
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * (1 - 1e-9)) as number
  const step = unit === 'count' ? Math.max(1, factor * power) : factor * power
  const steps = Math.max(1, Math.ceil(wanted / step - 1e-9))
  // Multiplied, not added up: 0.1 + 0.2 is no label.
  return Array.from({ length: steps + 1 }, (_, index) => Number((index * step).toPrecision(12)))
}

/** An axis that grows at once and shrinks only after a while, so that the chart does not breathe. */
export class YDomain {
  ticks: YAxisTicks
  readonly #unit: ChartUnit
  readonly #least: number
  #smallSinceMs: number | null = null

  /** @param least the axis never ends below this value */
  constructor(unit: ChartUnit, least: number) {
    this.#unit = unit
    this.#least = least
    this.ticks = niceTicks(least, unit)
  }

  /** The value at the upper edge. */
  get top(): number {
    return this.ticks.at(-1) as number
  }

  /**
   * Takes in the largest value on screen.
   * @param atMs time of the newest tick; null shrinks at once
   * @returns true when the labels changed
   */
  update(largest: number, atMs: number | null): boolean {
    const ticks = niceTicks(Math.max(largest, this.#least), this.#unit)
    const top = ticks.at(-1) as number
    if (top === this.top) {
      this.#smallSinceMs = null
      return false
    }
    if (top < this.top && atMs !== null) {
      this.#smallSinceMs ??= atMs
      if (atMs - this.#smallSinceMs < SHRINK_AFTER_MS) return false
    }
    this.#smallSinceMs = null
    this.ticks = ticks
    return true
  }
}
