import type { ChartColumn } from './chart-types.ts'

/**
 * Where a chart takes its samples from. Samples stand in places from 0 to `size` − 1, the newest in the last one;
 * places in front that are not used have the time NaN.
 */
export type SampleFeed = {
  readonly size: number
  readonly times: Float64Array
  /** 0 where there is a fresh sample, 1 where there is an old one, NaN where there is none. */
  readonly stale: Float32Array
  /** The edges of the plot, epoch ms; NaN before anything is known. */
  readonly startMs: number
  readonly endMs: number
  /** Up to when there could be samples: now, or the right edge where that is past. */
  readonly untilMs: number
  /** How much time a sample stands for, ms. */
  readonly stepMs: number
  readonly tickMs: number
  /** Whether samples stand for more than one tick: then they have a mean and a peak. */
  readonly stepped: boolean
  /** True while the plot moves on with what is live. */
  readonly live: boolean
  /** The number of the newest tick read; −1 before the first. */
  readonly newestTick: number
  /** The number of place 0 among all samples since the feed began: a sample keeps its number. */
  readonly firstNumber: number
  /** Reads what there is now. @param again true stays at the tick that was read last, with what is known of it by now */
  read: (again: boolean) => void
  /** Values of a column by place, the mean where samples are stepped. Valid until the next read. */
  column: (name: ChartColumn) => Float32Array
  /** The largest values of a column by place; null where each sample is one tick. */
  peak: (name: ChartColumn) => Float32Array | null
}
