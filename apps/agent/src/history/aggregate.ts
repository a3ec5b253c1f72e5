import type { HistoryAggregate } from '@poolscope/protocol'
import { threeDigits } from '../fleet/three-digits.ts'
import { type Block, blockOf } from './chunk.ts'

import { aggregatesOf, answeringAggregate, rolledName, TICKS, weightOf } from './kinds.ts'

/** Rows of equal length, the first at `fromSec`. */
export type Grid = { fromSec: number; stepSec: number; rows: number }

/** A percentile of ticks that counted nothing still counts a little where there is no other. */
const LEAST_WEIGHT = 1e-3

/** One aggregate of one column over a grid; blocks are added in any order, each tick once. */
export class ColumnOnGrid {
  readonly #column: string
  readonly #aggregate: HistoryAggregate | null
  readonly #grid: Grid
  readonly #values: Float64Array
  readonly #weights: Float64Array | null

  constructor(column: string, asked: HistoryAggregate, grid: Grid) {
    this.#column = column
    this.#aggregate = answeringAggregate(column, asked)
    this.#grid = grid
    this.#values = new Float64Array(grid.rows).fill(Number.NaN)
    this.#weights = this.#aggregate === 'avg' ? new Float64Array(grid.rows) : null
  }

  /** Adds those rows of a block that are from `fromSec` and before `toSec`. */
  add(block: Block, fromSec: number, toSec: number): void {
    const aggregate = this.#aggregate
    if (aggregate === null) return
    const values = block.column(rolledName(this.#column, aggregate)) ?? block.column(this.#column)
    if (values === null) return
    const { times } = block
    const { fromSec: begin, stepSec, rows } = this.#grid
    const endSec = Math.min(toSec, begin + rows * stepSec)
    const firstSec = Math.max(fromSec, begin)
    const sums = this.#weights
    const weightAt = sums === null ? null : weightsFor(this.#column, block)
    const results = this.#values
    // All of a query's time is spent here, so that nothing is called for a value that need not be.
    for (let i = 0; i < times.length; i++) {
      const time = times[i] as number
      const value = values[i] as number
      if (time < firstSec || time >= endSec || Number.isNaN(value)) continue
      const row = Math.floor((time - begin) / stepSec)
      const before = results[row] as number
      const isFirst = Number.isNaN(before)
      if (sums !== null && weightAt !== null) {
        const weight = weightAt(i)
        results[row] = isFirst ? value * weight : before + value * weight
        sums[row] = (sums[row] as number) + weight
      } else if (isFirst || (aggregate === 'max' ? value > before : value < before)) results[row] = value
    }
  }

  /** The aggregates, one a row; NaN where there was nothing. Averages have three digits. */
  finish(): Float64Array {
    const weights = this.#weights
    if (weights === null) return this.#values
    return this.#values.map((sum, row) => threeDigits(sum / (weights[row] as number)))
  }
}

/** Rolls rows up into those of a coarser grid; rows without a tick are left out. Null when none is left. */
export function rollUp(blocks: readonly Block[], columns: readonly string[], grid: Grid): Block | null {
  const toSec = grid.fromSec + grid.rows * grid.stepSec
  const ticks = ticksOn(blocks, grid, toSec)
  const kept = [...ticks.keys()].filter((row) => (ticks[row] as number) > 0)
  if (kept.length === 0) return null
  const pick = (values: Float64Array) => Float64Array.from(kept, (row) => values[row] as number)
  const rolled = new Map([[TICKS, pick(ticks)]])
  for (const column of columns) {
    for (const aggregate of aggregatesOf(column)) {
      const onGrid = new ColumnOnGrid(column, aggregate, grid)
      for (const block of blocks) onGrid.add(block, grid.fromSec, toSec)
      rolled.set(rolledName(column, aggregate), pick(onGrid.finish()))
    }
  }
  return blockOf(
    Float64Array.from(kept, (row) => grid.fromSec + row * grid.stepSec),
    rolled,
  )
}

function ticksOn(blocks: readonly Block[], grid: Grid, toSec: number): Float64Array {
  const ticks = new Float64Array(grid.rows)
  for (const block of blocks) {
    const counted = block.column(TICKS)
    block.times.forEach((time, i) => {
      if (time < grid.fromSec || time >= toSec) return
      const row = Math.floor((time - grid.fromSec) / grid.stepSec)
      ticks[row] = (ticks[row] as number) + (counted === null ? 1 : (counted[i] as number))
    })
  }
  return ticks
}

function weightsFor(column: string, block: Block): (i: number) => number {
  const ticks = block.column(TICKS)
  const by = weightOf(column)
  const rates = by === null ? null : (block.column(rolledName(by, 'avg')) ?? block.column(by))
  return (i) => {
    const count = ticks === null ? 1 : (ticks[i] as number)
    const rate = rates === null ? 1 : (rates[i] as number)
    return count * (Number.isNaN(rate) ? LEAST_WEIGHT : Math.max(rate, LEAST_WEIGHT))
  }
}
