import type { Statement, StatementSource, Statements } from '@poolscope/protocol'
import type { StatementCounters, StatementTotals } from '../sources/source.ts'

/** How far back statements can be looked at. */
export const LONGEST_WINDOW_MS = 15 * 60_000

/** How a statement list is asked for. */
export type StatementsQuery = {
  order: 'total' | 'calls' | 'mean' | 'p95' | 'max' | 'rows'
  limit: number
  windowMs: number
}

type Delta = { calls: number; totalMs: number; rows: number | null }
type Reading = { atMs: number; sinceMs: number; deltas: Map<string, Delta> }

/** What one server's statements did between readings, for as long as {@link LONGEST_WINDOW_MS}. */
export class StatementWindow {
  #source: StatementSource | null = null
  #epoch: string | null = null
  #complete = false
  #last = new Map<string, StatementCounters>()
  #lastAtMs: number | null = null
  #readings: Reading[] = []

  /** Takes in a reading. The first one after a reset is where counting begins. */
  take(totals: StatementTotals, atMs: number): void {
    const same = totals.epoch === this.#epoch && totals.source === this.#source && this.#lastAtMs !== null
    const deltas = new Map<string, Delta>()
    if (same) {
      for (const now of totals.statements) {
        const delta = difference(now, this.#last.get(now.id), this.#complete)
        if (delta !== null && delta.calls > 0) deltas.set(now.id, delta)
      }
      this.#readings.push({ atMs, sinceMs: this.#lastAtMs as number, deltas })
      this.#readings = this.#readings.filter((reading) => atMs - reading.sinceMs <= LONGEST_WINDOW_MS + 1000)
    } else {
      this.#readings = []
      this.#last = new Map()
    }
    const kept = new Set(this.#readings.flatMap((reading) => [...reading.deltas.keys()]))
    for (const id of this.#last.keys()) if (!kept.has(id)) this.#last.delete(id)
    for (const statement of totals.statements) this.#last.set(statement.id, statement)
    this.#source = totals.source
    this.#epoch = totals.epoch
    this.#complete = totals.complete
    this.#lastAtMs = atMs
  }

  /**
   * The statements of the last `windowMs`, most of the asked order first.
   * @param poolsOf the pools that run statements of a user and a database
   */
  answer(
    { order, limit, windowMs }: StatementsQuery,
    poolsOf: (user: string | null, database: string | null) => string[],
  ): Statements {
    const newestMs = this.#lastAtMs
    const readings = this.#readings.filter(
      (reading) => newestMs !== null && reading.sinceMs >= newestMs - windowMs - 1000,
    )
    const sums = new Map<string, Delta>()
    for (const { deltas } of readings) {
      for (const [id, delta] of deltas) sums.set(id, added(sums.get(id), delta))
    }
    const allMs = [...sums.values()].reduce((sum, { totalMs }) => sum + totalMs, 0)
    const statements = [...sums].flatMap(([id, delta]): Statement[] => {
      const known = this.#last.get(id)
      if (known === undefined) return []
      const { text, user, database, maxMs, p95Ms } = known
      return [
        {
          id,
          text,
          user,
          database,
          ...delta,
          meanMs: delta.totalMs / delta.calls,
          maxMs,
          p95Ms,
          shareRatio: allMs === 0 ? null : delta.totalMs / allMs,
          poolIds: poolsOf(user, database),
        },
      ]
    })
    const value = VALUES[order]
    statements.sort((a, b) => (value(b) ?? -1) - (value(a) ?? -1))
    return {
      atMs: newestMs,
      windowMs:
        readings.length === 0 || newestMs === null ? null : newestMs - (readings[0] as Reading).sinceMs,
      source: this.#source,
      total: statements.length,
      statements: statements.slice(0, limit),
    }
  }
}

const VALUES: Record<StatementsQuery['order'], (statement: Statement) => number | null> = {
  total: ({ totalMs }) => totalMs,
  calls: ({ calls }) => calls,
  mean: ({ meanMs }) => meanMs,
  p95: ({ p95Ms }) => p95Ms,
  max: ({ maxMs }) => maxMs,
  rows: ({ rows }) => rows,
}

/**
 * What was added since the last reading; null where that cannot be known, as for a statement that may have
 * been counted for long outside of the list.
 */
function difference(
  now: StatementCounters,
  before: StatementCounters | undefined,
  complete: boolean,
): Delta | null {
  const { calls, totalMs, rows } = now
  // Thrown out by the server and counted anew, or new.
  if (before === undefined) return complete ? { calls, totalMs, rows } : null
  if (calls < before.calls) return { calls, totalMs, rows }
  return {
    calls: calls - before.calls,
    totalMs: Math.max(0, totalMs - before.totalMs),
    rows: rows === null || before.rows === null ? null : Math.max(0, rows - before.rows),
  }
}

function added(sum: Delta | undefined, delta: Delta): Delta {
  if (sum === undefined) return { ...delta }
  return {
    calls: sum.calls + delta.calls,
    totalMs: sum.totalMs + delta.totalMs,
    rows: sum.rows === null || delta.rows === null ? null : sum.rows + delta.rows,
  }
}
