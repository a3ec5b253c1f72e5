import type { HistoryAggregate } from '@poolscope/protocol'
import { threeDigits } from '../fleet/three-digits.ts'
import { type Block, blockOf } from './chunk.ts'

import { aggregatesOf, answeringAggregate, rolledName, TICKS, weightOf } from './kinds.ts'

/** Rows of equal length, the first at `fromSec`. */
export type Grid = { fromSec: number; stepSec: number; rows: number }

/** A percentile of ticks that counted nothing still counts a little where there is no other. */
const LEAST_WEIGHT = 1e-3

/** The rows of a block that are on a grid, found once for all of its columns. */
export class RowsOnGrid {
  readonly block: Block
  /** The rows from `first` and before `end` are meant. */
  readonly first: number
  readonly end: number
  /** Row of the grid of each of them, by its row of the block. */
  readonly on: Uint32Array
  readonly #weights = new Map<string | null, Float64Array | null>()

  /** Takes those rows that are from `fromSec` and before `toSec`. */
  constructor(block: Block, grid: Grid, fromSec: number, toSec: number) {
    const { times } = block
    const { fromSec: begin, stepSec, rows } = grid
    this.block = block
    this.first = firstAtOrAfter(times, Math.max(fromSec, begin))
    this.end = firstAtOrAfter(times, Math.min(toSec, begin + rows * stepSec))
    this.on = new Uint32Array(times.length)
    for (let i = this.first; i < this.end; i++) {
      this.on[i] = Math.floor(((times[i] as number) - begin) / stepSec)
    }
  }

  /** How much each row counts in an average of a column; null where all count the same. */
  weightsFor(column: string): Float64Array | null {
    const by = weightOf(column)
    const known = this.#weights.get(by)
    if (known !== undefined) return known
    const weights = weightsBy(by, this.block)
    this.#weights.set(by, weights)
    return weights
  }
}

/** One aggregate of one column over a grid; blocks are added in any order, each tick once. */
export class ColumnOnGrid {
  readonly #column: string
  readonly #aggregate: HistoryAggregate | null
  readonly #values: Float64Array
  readonly #weights: Float64Array | null

  constructor(column: string, asked: HistoryAggregate, { rows }: Grid) {
    this.#column = column
    this.#aggregate = answeringAggregate(column, asked)
    this.#weights = this.#aggregate === 'avg' ? new Float64Array(rows) : null
    // Beyond every value, so that the first one needs no question of its own.
    const none = this.#aggregate === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
    this.#values = new Float64Array(rows).fill(this.#weights === null ? none : 0)
  }

  add(rows: RowsOnGrid): void {
    const aggregate = this.#aggregate
    if (aggregate === null || rows.first >= rows.end) return
    const { block, first, end, on } = rows
    const values = block.column(rolledName(this.#column, aggregate)) ?? block.column(this.#column)
    if (values === null) return
    const results = this.#values
    // All of a query's time is spent here. A comparison with NaN, which is a gap, is false.
    if (this.#weights !== null) this.#addWeighted(this.#weights, values, rows)
    else if (aggregate === 'max') {
      for (let i = first; i < end; i++) {
        const value = values[i] as number
        const row = on[i] as number
        if (value > (results[row] as number)) results[row] = value
      }
    } else {
      for (let i = first; i < end; i++) {
        const value = values[i] as number
        const row = on[i] as number
        if (value < (results[row] as number)) results[row] = value
      }
    }
  }

  /** The aggregates, one a row; NaN where there was nothing. Averages have three digits. Nothing is added after it. */
  finish(): Float64Array {
    const values = this.#values
    const weights = this.#weights
    for (let row = 0; row < values.length; row++) {
      const value = values[row] as number
      if (weights !== null) values[row] = threeDigits(value / (weights[row] as number))
      else if (!Number.isFinite(value)) values[row] = Number.NaN
    }
    return values
  }

  #addWeighted(sums: Float64Array, values: Float64Array, rows: RowsOnGrid): void {
    const { first, end, on } = rows
    const weights = rows.weightsFor(this.#column)
    const results = this.#values
    for (let i = first; i < end; i++) {
      const value = values[i] as number
      if (Number.isNaN(value)) continue
      const row = on[i] as number
      const weight = weights === null ? 1 : (weights[i] as number)
      results[row] = (results[row] as number) + value * weight
      sums[row] = (sums[row] as number) + weight
    }
  }
}

/** Rolls rows up into those of a coarser grid; rows without a tick are left out. Null when none is left. */
export function rollUp(blocks: readonly Block[], columns: readonly string[], grid: Grid): Block | null {
  const toSec = grid.fromSec + grid.rows * grid.stepSec
  const placed = blocks.map((block) => new RowsOnGrid(block, grid, grid.fromSec, toSec))
  const ticks = ticksOn(placed, grid.rows)
  const kept = [...ticks.keys()].filter((row) => (ticks[row] as number) > 0)
  if (kept.length === 0) return null
  const pick = (values: Float64Array) => Float64Array.from(kept, (row) => values[row] as number)
  const rolled = new Map([[TICKS, pick(ticks)]])
  for (const column of columns) {
    for (const aggregate of aggregatesOf(column)) {
      const onGrid = new ColumnOnGrid(column, aggregate, grid)
      for (const rows of placed) onGrid.add(rows)
      rolled.set(rolledName(column, aggregate), pick(onGrid.finish()))
    }
  }
  return blockOf(
    Float64Array.from(kept, (row) => grid.fromSec + row * grid.stepSec),
    rolled,
  )
}

function ticksOn(placed: readonly RowsOnGrid[], rows: number): Float64Array {
  const ticks = new Float64Array(rows)
  for (const { block, first, end, on } of placed) {
    const counted = block.column(TICKS)
    for (let i = first; i < end; i++) {
      const row = on[i] as number
      ticks[row] = (ticks[row] as number) + (counted === null ? 1 : (counted[i] as number))
    }
  }
  return ticks
}

/** Of rolled up rows, how many ticks they are of; by a rate, how much was counted in them. */
function weightsBy(by: string | null, block: Block): Float64Array | null {
  const ticks = block.column(TICKS)
  if (by === null) return ticks
  const rates = block.column(rolledName(by, 'avg')) ?? block.column(by)
  return block.times.map((_, i) => {
    const count = ticks === null ? 1 : (ticks[i] as number)
    const rate = rates === null ? 1 : (rates[i] as number)
    return count * (Number.isNaN(rate) ? LEAST_WEIGHT : Math.max(rate, LEAST_WEIGHT))
  })
}

/** Place of the first time that is not before another one, in rising times. */
function firstAtOrAfter(times: Float64Array, sec: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] as number) < sec) low = middle + 1
    else high = middle
  }
  return low
}
