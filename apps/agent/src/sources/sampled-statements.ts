import { cleanName, cleanNameOrNull } from './clean-name.ts'
import type { StatementCounters, StatementTotals } from './source.ts'

/** Running statements that one look lists. */
export const MOST_RUNNING = 200
/** Statements that are counted. */
const MOST_COUNTED = 500
/** Texts that are remembered. */
const MOST_TEXTS = 5000

/** A statement that a session runs at the moment. */
export type RunningStatement = {
  pid: number
  /** Of its whole text, hexadecimal. */
  hash: string
  /** Tells this run from the next one of the same session, as far as the server does. */
  run: string
  user: string | null
  database: string | null
  elapsedMs: number
}

/** How a server is asked what runs, without the statements of the agent itself. */
export type RunningSource = {
  /** At most {@link MOST_RUNNING}. */
  running(): Promise<RunningStatement[]>
  /** Texts by hash with every literal removed; null for those that are not to be shown. */
  texts(hashes: readonly string[]): Promise<{ hash: string; text: string | null }[]>
}

/**
 * What sessions run at the moment of each sample. What ends between two samples is not seen: the time of short
 * statements is estimated from how often they are met, and their calls are a lower bound.
 */
export class SampledStatements {
  #counters = new Map<string, StatementCounters>()
  #running = new Map<string, number>()
  #texts = new Map<string, string | null>()
  readonly #epoch = String(Math.random())

  /** Looks once. @param due whether the totals are wanted now; null when not */
  async read(source: RunningSource, due: boolean): Promise<StatementTotals | null> {
    const rows = await source.running()
    await this.#fetchTexts(source, rows)
    const running = new Map<string, number>()
    for (const row of rows) this.#count(row, running)
    this.#running = running
    if (!due) return null
    return {
      source: 'sampled',
      epoch: this.#epoch,
      complete: true,
      statements: [...this.#counters.values()].map((counters) => ({ ...counters })),
    }
  }

  #count(row: RunningStatement, running: Map<string, number>): void {
    const text = this.#texts.get(row.hash)
    if (text === undefined || text === null) return
    const elapsedMs = Math.max(0, row.elapsedMs)
    const run = `${row.pid} ${row.run}`
    const lastMs = this.#running.get(run)
    // Less than it had run already: another run of the same statement.
    const countedMs = lastMs !== undefined && lastMs <= elapsedMs ? lastMs : undefined
    running.set(run, elapsedMs)
    const id = JSON.stringify([text, row.user, row.database])
    let counters = this.#counters.get(id)
    if (counters === undefined) {
      if (this.#counters.size >= MOST_COUNTED) return
      counters = {
        id: `${row.hash}-${cleanName(row.user ?? '')}-${cleanName(row.database ?? '')}`,
        text,
        user: cleanNameOrNull(row.user),
        database: cleanNameOrNull(row.database),
        calls: 0,
        totalMs: 0,
        rows: null,
        maxMs: 0,
        p95Ms: null,
      }
      this.#counters.set(id, counters)
    }
    if (countedMs === undefined) counters.calls += 1
    counters.totalMs += elapsedMs - (countedMs ?? 0)
    counters.maxMs = Math.max(counters.maxMs ?? 0, elapsedMs)
  }

  async #fetchTexts(source: RunningSource, rows: readonly RunningStatement[]): Promise<void> {
    const unknown = [...new Set(rows.map(({ hash }) => hash))].filter((hash) => !this.#texts.has(hash))
    if (unknown.length === 0) return
    const found = await source.texts(unknown)
    if (this.#texts.size > MOST_TEXTS) this.#texts.clear()
    for (const { hash, text } of found) this.#texts.set(hash, text)
  }
}
