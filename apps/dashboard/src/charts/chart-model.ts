import type { LiveStore, SeriesSource } from '../live/live-store.ts'
import { RING_TICKS } from '../live/tick-clock.ts'
import type { ChartColumn, ChartLimit, ChartSeries, ChartUnit, ValueSource } from './chart-types.ts'
import { type YAxisTicks, YDomain } from './y-domain.ts'

/** A limit with its value of now; null while that is not known. */
export type LimitNow = { label: string; value: number | null }

/** A limit further above the values than this is left out of the axis where values span decades. */
const FAR_LIMIT = 4

/**
 * What one chart shows: its own copy of the last ticks, so that path, crosshair, table and summary
 * tell the same, and a paused chart keeps what it shows while the ring goes on.
 */
export class ChartModel {
  readonly series: readonly ChartSeries[]
  readonly times = new Float64Array(RING_TICKS).fill(Number.NaN)
  /** Values by series, in order. */
  readonly values: readonly Float32Array[]
  /** Upper edges of the areas by series: their values on top of the areas before; lines as they are. */
  readonly edges: readonly Float32Array[]
  /** The lower edge of each series; null for zero and for lines. */
  readonly bases: readonly (Float32Array | null)[]
  /** False while nothing at all is known. */
  known = false
  /** Time of the newest tick, epoch ms. */
  endMs = Number.NaN
  tickMs = 1000
  limits: readonly LimitNow[] = []
  readonly #store: LiveStore
  readonly #source: SeriesSource
  readonly #unit: ChartUnit
  readonly #limitSources: readonly ChartLimit[]
  readonly #domain: YDomain
  /** 0 where there is a fresh sample, 1 where there is an old one, NaN where there is none. */
  readonly stale = new Float32Array(RING_TICKS).fill(Number.NaN)
  readonly #columns = new Map<string, Float32Array>([['stale', this.stale]])
  #reading = 0
  readonly #readColumn = (name: ChartColumn): number => this.#column(name)[this.#reading] as number
  /** The number of the newest tick; −1 before the first. */
  newestTick = -1

  constructor(
    store: LiveStore,
    source: SeriesSource,
    series: readonly ChartSeries[],
    limits: readonly ChartLimit[],
    unit: ChartUnit,
    yMin: number,
  ) {
    this.#store = store
    this.#source = source
    this.#unit = unit
    this.#limitSources = limits
    this.#domain = new YDomain(unit, yMin)
    this.series = series
    this.values = series.map(() => new Float32Array(RING_TICKS).fill(Number.NaN))
    let below: Float32Array | null = null
    const bases: (Float32Array | null)[] = []
    this.edges = series.map((one, index) => {
      const own = this.values[index] as Float32Array
      if (one.kind !== 'area') {
        bases.push(null)
        return own
      }
      const edge: Float32Array = below === null ? own : new Float32Array(RING_TICKS)
      bases.push(below)
      below = edge
      return edge
    })
    this.bases = bases
  }

  /** Time at the left edge of the plot, epoch ms. */
  get startMs(): number {
    return this.endMs - this.windowMs
  }

  /** What the plot is wide, ms. */
  get windowMs(): number {
    return (RING_TICKS - 1) * this.tickMs
  }

  /** The labels of the y axis. */
  get ticks(): YAxisTicks {
    return this.#domain.ticks
  }

  /**
   * Copies the newest ticks from the store.
   * @param again true takes the same ticks once more, after history filled some of them
   * @returns true when the frame has to be drawn again: other labels or limits
   */
  fill(again = false): boolean {
    const newest = this.#store.newestTick
    const tick = again && this.newestTick >= 0 ? this.newestTick : newest.tick
    this.newestTick = tick
    const first = tick - RING_TICKS + 1
    this.tickMs = newest.tickMs
    this.#store.readTimes(first, tick, this.times)
    this.endMs = this.times[RING_TICKS - 1] as number
    for (const [name, column] of this.#columns) {
      this.#store.readSeries(this.#source, name, first, tick, column)
    }
    this.known = false
    this.series.forEach((one, index) => {
      this.#readInto(one, this.values[index] as Float32Array)
    })
    const largest = this.#stack()
    const before = this.limits
    this.limits = this.#limitSources.map((limit) => ({ label: limit.label, value: this.#limitNow(limit) }))
    const changed = this.#domain.update(this.#withLimits(largest), this.endMs)
    return changed || this.limits.some((limit, index) => limit.value !== before[index]?.value)
  }

  /** The sample nearest to a moment; −1 when none is known near it. */
  indexAt(atMs: number): number {
    const guess = RING_TICKS - 1 - Math.round((this.endMs - atMs) / this.tickMs)
    let best = -1
    let bestMs = Number.POSITIVE_INFINITY
    for (let i = Math.max(0, guess - 3); i <= Math.min(RING_TICKS - 1, guess + 3); i++) {
      const apart = Math.abs((this.times[i] as number) - atMs)
      if (apart < bestMs) {
        best = i
        bestMs = apart
      }
    }
    return best
  }

  /** The value of a series at a sample; null when not known. */
  valueAt(series: number, index: number): number | null {
    const value = this.values[series]?.[index]
    return value === undefined || Number.isNaN(value) ? null : value
  }

  /**
   * Whether there was a fresh sample at all. A percentile may be unknown in it, when nothing was counted:
   * that breaks the line, but is no gap in the data.
   */
  presentAt(index: number): boolean {
    return this.stale[index] === 0
  }

  #column(name: ChartColumn): Float32Array {
    let column = this.#columns.get(name)
    if (column === undefined) {
      column = new Float32Array(RING_TICKS)
      this.#columns.set(name, column)
      this.#store.readSeries(this.#source, name, this.newestTick - RING_TICKS + 1, this.newestTick, column)
    }
    return column
  }

  #readInto(source: ValueSource, into: Float32Array): void {
    if ('column' in source) {
      into.set(this.#column(source.column))
      return
    }
    for (let i = 0; i < RING_TICKS; i++) {
      this.#reading = i
      into[i] = source.read(this.#readColumn)
    }
  }

  #stack(): number {
    let largest = 0
    this.edges.forEach((edge, index) => {
      const base = this.bases[index]
      const own = this.values[index] as Float32Array
      for (let i = 0; i < RING_TICKS; i++) {
        const value = base === null || base === undefined ? own[i] : (own[i] as number) + (base[i] as number)
        if (edge !== own) edge[i] = value as number
        if ((value as number) > largest) largest = value as number
        if (!Number.isNaN(value)) this.known = true
      }
    })
    return largest
  }

  #limitNow(limit: ChartLimit): number | null {
    if ('value' in limit) return limit.value
    for (let i = RING_TICKS - 1; i >= 0; i--) {
      this.#reading = i
      const value = 'column' in limit ? this.#readColumn(limit.column) : limit.read(this.#readColumn)
      if (!Number.isNaN(value)) return value
    }
    return null
  }

  /** Durations and rates may stay far below their limit: then the limit would flatten them to nothing. */
  #withLimits(largest: number): number {
    const always = this.#unit === 'count' || this.#unit === 'ratio'
    let top = largest
    for (const { value } of this.limits) {
      if (value !== null && value > top && (always || value <= largest * FAR_LIMIT)) top = value
    }
    return top
  }
}
