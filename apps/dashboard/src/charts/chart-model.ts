import type { ChartColumn, ChartLimit, ChartSeries, ChartUnit, ValueSource } from './chart-types.ts'
import type { SampleFeed } from './sample-feed.ts'
import { type YAxisTicks, YDomain } from './y-domain.ts'

/** A limit with its value of now; null while that is not known. */
export type LimitNow = { label: string; value: number | null }

/** A limit further above the values than this is left out of the axis where values span decades. */
const FAR_LIMIT = 4
/** A moment further from every sample than this many steps has none. */
const NEAR_STEPS = 3.5

/**
 * What one chart shows: its own copy of the samples, so that path, crosshair, table and summary
 * tell the same, and a paused chart keeps what it shows while the ring goes on.
 */
export class ChartModel {
  readonly feed: SampleFeed
  readonly series: readonly ChartSeries[]
  /** Values by series, in order; means where samples are stepped. */
  readonly values: readonly Float32Array[]
  /** Upper edges of the areas by series: their values on top of the areas before; lines as they are. */
  readonly edges: readonly Float32Array[]
  /** The lower edge of each series; null for zero and for lines. */
  readonly bases: readonly (Float32Array | null)[]
  /** The largest values by series; null where a sample is one tick, or an area stands on another. */
  peaks: readonly (Float32Array | null)[] = []
  /** False while nothing at all is known. */
  known = false
  limits: readonly LimitNow[] = []
  readonly #unit: ChartUnit
  readonly #limitSources: readonly ChartLimit[]
  readonly #domain: YDomain
  #reading = 0
  readonly #readColumn = (name: ChartColumn): number => this.feed.column(name)[this.#reading] as number

  constructor(
    feed: SampleFeed,
    series: readonly ChartSeries[],
    limits: readonly ChartLimit[],
    unit: ChartUnit,
    yMin: number,
  ) {
    this.feed = feed
    this.#unit = unit
    this.#limitSources = limits
    this.#domain = new YDomain(unit, yMin)
    this.series = series
    const empty = () => new Float32Array(feed.size).fill(Number.NaN)
    this.values = series.map(empty)
    let below: Float32Array | null = null
    const bases: (Float32Array | null)[] = []
    this.edges = series.map((one, index) => {
      const own = this.values[index] as Float32Array
      if (one.kind !== 'area') {
        bases.push(null)
        return own
      }
      const edge: Float32Array = below === null ? own : empty()
      bases.push(below)
      below = edge
      return edge
    })
    this.bases = bases
  }

  /** Times of the samples, oldest first; NaN in places that are not used. */
  get times(): Float64Array {
    return this.feed.times
  }

  /** Time at the left edge of the plot, epoch ms. */
  get startMs(): number {
    return this.feed.startMs
  }

  /** Time at the right edge of the plot, epoch ms; NaN before the first tick. */
  get endMs(): number {
    return this.feed.endMs
  }

  /** What the plot is wide, ms. */
  get windowMs(): number {
    return this.feed.endMs - this.feed.startMs
  }

  /** The labels of the y axis. */
  get ticks(): YAxisTicks {
    return this.#domain.ticks
  }

  /**
   * Copies the newest samples.
   * @param again true stays where it is, after history filled in some of the past
   * @returns true when the frame has to be drawn again: other labels or limits
   */
  fill(again = false): boolean {
    const { feed } = this
    feed.read(again)
    this.known = false
    this.series.forEach((one, index) => {
      this.#readInto(one, this.values[index] as Float32Array)
    })
    this.peaks = this.series.map((one, index) =>
      'column' in one && this.bases[index] === null ? feed.peak(one.column) : null,
    )
    const largest = this.#stack()
    const before = this.limits
    this.limits = this.#limitSources.map((limit) => ({ label: limit.label, value: this.#limitNow(limit) }))
    // An axis that waits before it shrinks is for what moves; another time is another picture.
    const changed = this.#domain.update(this.#withLimits(largest), feed.live ? feed.untilMs : null)
    return changed || this.limits.some((limit, index) => limit.value !== before[index]?.value)
  }

  /** The sample nearest to a moment; −1 when none is known near it. */
  indexAt(atMs: number): number {
    const { times } = this
    let low = 0
    let high = times.length
    while (low < high) {
      const middle = (low + high) >> 1
      // Unused places come first.
      if ((times[middle] as number) >= atMs) high = middle
      else low = middle + 1
    }
    const apart = (index: number) => {
      const ms = Math.abs((times[index] ?? Number.NaN) - atMs)
      return Number.isNaN(ms) ? Number.POSITIVE_INFINITY : ms
    }
    const best = apart(low - 1) < apart(low) ? low - 1 : low
    return apart(best) <= Math.max(this.feed.stepMs, this.feed.tickMs) * NEAR_STEPS ? best : -1
  }

  /** The value of a series at a sample; null when not known. */
  valueAt(series: number, index: number): number | null {
    return known(this.values[series]?.[index])
  }

  /** The largest value of a series within a sample; null when not known, or when the value is all there is. */
  peakAt(series: number, index: number): number | null {
    return known(this.peaks[series]?.[index])
  }

  /**
   * Whether there was a fresh sample at all. A percentile may be unknown in it, when nothing was counted:
   * that breaks the line, but is no gap in the data.
   */
  presentAt(index: number): boolean {
    return this.feed.stale[index] === 0
  }

  #readInto(source: ValueSource, into: Float32Array): void {
    if ('column' in source) {
      into.set(this.feed.column(source.column))
      return
    }
    for (let i = 0; i < into.length; i++) {
      this.#reading = i
      into[i] = source.read(this.#readColumn)
    }
  }

  #stack(): number {
    let largest = 0
    this.edges.forEach((edge, index) => {
      const base = this.bases[index]
      const own = this.values[index] as Float32Array
      const peak = this.peaks[index]
      for (let i = 0; i < own.length; i++) {
        const value = base === null || base === undefined ? own[i] : (own[i] as number) + (base[i] as number)
        if (edge !== own) edge[i] = value as number
        if ((value as number) > largest) largest = value as number
        if (peak != null && (peak[i] as number) > largest) largest = peak[i] as number
        if (!Number.isNaN(value)) this.known = true
      }
    })
    return largest
  }

  #limitNow(limit: ChartLimit): number | null {
    if ('value' in limit) return limit.value
    for (let i = this.feed.size - 1; i >= 0; i--) {
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

function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}
