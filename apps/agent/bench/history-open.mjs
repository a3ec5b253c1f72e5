// How long a store of a day takes to open after its process was killed.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { POOL_COLUMNS } from '@poolscope/protocol'
import { blockOf } from '../dist/history/chunk.js'
import { ChunkStore } from '../dist/history/chunk-store.js'
import { DEFAULT_TIERS } from '../dist/history/tiers.js'
import { busyFleet } from './history-workload.mjs'

const CHUNK_SEC = 300
const DAY_SEC = 86_400
const TIERS = DEFAULT_TIERS.map((tier, i) => (i === 0 ? { ...tier, keepMs: 2 * DAY_SEC * 1000 } : tier))

/** A day of chunks of seconds, and five minutes of ticks that are in none; opened from a copy of the files in use. */
export function openAfterKill(pools) {
  const dir = mkdtempSync(join(tmpdir(), 'poolscope-bench-'))
  const [used, left] = [join(dir, 'used'), join(dir, 'left')]
  const options = { tiers: TIERS, budgetBytes: 2 ** 40 }
  const store = new ChunkStore({ ...options, dir: used })
  const { series, valuesAt } = busyFleet(pools)
  const begin = Math.floor(Date.now() / 1000) - DAY_SEC
  const rows = Array.from({ length: CHUNK_SEC }, (_, i) => valuesAt(i))
  for (const [index, of] of series.entries()) {
    const columns = new Map(
      POOL_COLUMNS.map((name, column) => [
        name,
        Float64Array.from(rows, (values) => values[index * POOL_COLUMNS.length + column]),
      ]),
    )
    for (let at = begin; at < begin + DAY_SEC - CHUNK_SEC; at += CHUNK_SEC) {
      const times = Float64Array.from({ length: CHUNK_SEC }, (_, i) => at + i)
      store.put({ of, stepSec: 1, block: blockOf(times, columns), names: POOL_COLUMNS })
    }
  }
  for (const [i, values] of rows.entries()) {
    store.append({ atMs: (begin + DAY_SEC - CHUNK_SEC + i) * 1000, series, values })
  }
  mkdirSync(left)
  for (const name of readdirSync(used)) copyFileSync(join(used, name), join(left, name))
  store.close()
  const startMs = performance.now()
  const before = process.cpuUsage()
  const again = new ChunkStore({ ...options, dir: left })
  const tookMs = performance.now() - startMs
  const { user, system } = process.cpuUsage(before)
  if (again.lastSec !== begin + DAY_SEC - 1) throw new Error('the last tick is missing')
  again.close()
  rmSync(dir, { recursive: true, force: true })
  return { tookMs, cpuMs: (user + system) / 1000 }
}
