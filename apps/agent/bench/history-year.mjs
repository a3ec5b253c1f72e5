// A year of a fleet in the tier of five minutes, written by the store's own code in minutes instead of a year.
import { POOL_COLUMNS } from '@poolscope/protocol'
import { rollUp } from '../dist/history/aggregate.js'
import { blockOf } from '../dist/history/chunk.js'
import { ChunkStore } from '../dist/history/chunk-store.js'
import { rolledNames } from '../dist/history/kinds.js'
import { DEFAULT_TIERS } from '../dist/history/tiers.js'
import { busyFleet } from './history-workload.mjs'

/** Those that an agent has, but for a day more, so that all of the year is there. */
export const YEAR_TIERS = DEFAULT_TIERS.map((tier, i) =>
  i === DEFAULT_TIERS.length - 1 ? { ...tier, keepMs: tier.keepMs + 86_400_000 } : tier,
)
const STEP_SEC = 300
const CHUNK_ROWS = 240
const CHUNKS = Math.floor((365 * 86_400) / (STEP_SEC * CHUNK_ROWS))
/** Chunks of a pool that differ; then they begin again. */
const DIFFERENT = 6

/**
 * Each row is rolled up from one tick in five minutes, not from 300, and what a pool does begins again every five days;
 * sizes and the time that reading takes are those of as many rows, but the numbers are not those of a real year.
 */
export function fillYear(dir, pools, toSec) {
  const startMs = performance.now()
  const store = new ChunkStore({ dir, tiers: YEAR_TIERS, budgetBytes: 2 ** 40 })
  const { series, valuesAt } = busyFleet(pools)
  const names = rolledNames(POOL_COLUMNS)
  const begin = Math.floor(toSec / STEP_SEC) * STEP_SEC - CHUNKS * CHUNK_ROWS * STEP_SEC
  const timesOf = (chunk) =>
    Float64Array.from({ length: CHUNK_ROWS }, (_, i) => begin + (chunk * CHUNK_ROWS + i) * STEP_SEC)
  for (let first = 0; first < DIFFERENT; first++) {
    const times = timesOf(first)
    const rows = Array.from(times, (_, i) => valuesAt((first * CHUNK_ROWS + i) * STEP_SEC))
    for (const [index, of] of series.entries()) {
      const columns = new Map(
        POOL_COLUMNS.map((name, column) => [
          name,
          Float64Array.from(rows, (values) => values[index * POOL_COLUMNS.length + column]),
        ]),
      )
      const grid = { fromSec: times[0], stepSec: STEP_SEC, rows: CHUNK_ROWS }
      const rolled = rollUp([blockOf(times, columns)], POOL_COLUMNS, grid)
      const kept = new Map(names.map((name) => [name, rolled.column(name)]))
      for (let chunk = first; chunk < CHUNKS; chunk += DIFFERENT) {
        store.put({ of, stepSec: STEP_SEC, block: blockOf(timesOf(chunk), kept), names })
      }
    }
  }
  const { bytes } = store.facts()
  store.close()
  return { bytes, tookMs: performance.now() - startMs }
}
