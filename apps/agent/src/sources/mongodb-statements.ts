import type { MongodbRun } from './mongodb-ops.ts'
import type { StatementCounters, StatementTotals } from './source.ts'

/** Most statements that are told apart. */
const MOST = 500

/**
 * Adds up what was seen to run at the moment of each sample: a command and where it looks. What ends between two samples
 * is not seen, so that only what runs long shows, and calls are a lower bound.
 */
export class MongodbStatements {
  #counters = new Map<string, StatementCounters>()
  #running = new Map<string, number>()
  readonly #epoch = String(Math.random())

  /** Takes what one sample saw. */
  take(runs: readonly MongodbRun[]): void {
    const running = new Map<string, number>()
    for (const { opid, text, user, database, elapsedMs } of runs) {
      const run = `${opid} ${text}`
      const countedMs = this.#running.get(run)
      running.set(run, elapsedMs)
      const counters = this.#of(text, user, database)
      if (counters === null) continue
      if (countedMs === undefined) counters.calls += 1
      counters.totalMs += Math.max(0, elapsedMs - (countedMs === undefined ? 0 : countedMs))
      counters.maxMs = Math.max(counters.maxMs === null ? 0 : counters.maxMs, elapsedMs)
    }
    this.#running = running
  }

  /** All that was seen so far. */
  totals(): StatementTotals {
    const statements = [...this.#counters.values()].map((counters) => ({ ...counters }))
    return { source: 'sampled', epoch: this.#epoch, complete: true, statements }
  }

  #of(text: string, user: string | null, database: string | null): StatementCounters | null {
    const id = JSON.stringify([text, user])
    const known = this.#counters.get(id)
    if (known !== undefined) return known
    if (this.#counters.size >= MOST) return null
    const counters = { id, text, user, database, calls: 0, totalMs: 0, rows: null, maxMs: null, p95Ms: null }
    this.#counters.set(id, counters)
    return counters
  }
}
