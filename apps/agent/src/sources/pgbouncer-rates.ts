import { CONSOLE } from './pgbouncer-clients.ts'
import { type ConsoleRow, numberIn } from './pgbouncer-console.ts'

/** What happened between two readings of SHOW STATS; null where it was not counted, or nothing happened to average. */
export type StatRates = {
  transactionsPerSec: number | null
  queriesPerSec: number | null
  receivedPerSec: number | null
  sentPerSec: number | null
  /** Server connections given to clients; null before 1.23. */
  assignmentsPerSec: number | null
  meanTransactionMs: number | null
  meanQueryMs: number | null
  /** Wait for a server connection, of those that got one. */
  meanWaitMs: number | null
  /** Share of the time in transactions in which no query ran. */
  idleInTransactionRatio: number | null
}

type Counters = Record<(typeof COLUMNS)[number], number | null>
type Reading = { elapsedMs: number; byDatabase: Map<string, Counters> }

const COLUMNS = [
  'total_xact_count',
  'total_query_count',
  'total_received',
  'total_sent',
  'total_xact_time',
  'total_query_time',
  'total_wait_time',
  'total_server_assignment_count',
] as const

/** Keeps the last reading of SHOW STATS, and tells what happened since. */
export class PgbouncerStats {
  #last: Reading | null = null
  /** By database; empty after the first reading. */
  rates: ReadonlyMap<string, StatRates> = new Map()
  /** Of all databases; null after the first reading. */
  total: StatRates | null = null

  /** Takes a reading. Databases that were not there before, or began to count anew, are left out this time. */
  take(rows: readonly ConsoleRow[], elapsedMs: number): void {
    const named = rows.filter((row) => row.database !== CONSOLE)
    const byDatabase = new Map(named.map((row) => [String(row.database), countersOf(row)]))
    const last = this.#last
    this.#last = { elapsedMs, byDatabase }
    if (last === null || elapsedMs <= last.elapsedMs) return
    const seconds = (elapsedMs - last.elapsedMs) / 1000
    const changes = new Map<string, Counters>()
    for (const [database, now] of byDatabase) {
      const before = last.byDatabase.get(database)
      const change = before === undefined ? null : changeOf(before, now)
      if (change !== null) changes.set(database, change)
    }
    this.rates = new Map([...changes].map(([database, change]) => [database, ratesOf(change, seconds)]))
    this.total = ratesOf(sumOf([...changes.values()]), seconds)
  }
}

function countersOf(row: ConsoleRow): Counters {
  return record((column) => numberIn(row, column))
}

/** Null when a counter went down. */
function changeOf(before: Counters, now: Counters): Counters | null {
  const change = record((column) => combine(now[column], before[column], (a, b) => a - b))
  return Object.values(change).some((value) => value !== null && value < 0) ? null : change
}

function sumOf(changes: readonly Counters[]): Counters {
  return record((column) =>
    changes.reduce<number | null>((sum, change) => combine(sum, change[column], (a, b) => a + b), 0),
  )
}

function ratesOf(change: Counters, seconds: number): StatRates {
  const perSec = (column: keyof Counters) => combine(change[column], seconds, (a, b) => a / b)
  // Times are in microseconds.
  const meanMs = (time: number | null, count: number | null) =>
    count === 0 ? null : combine(time, count, (a, b) => a / b / 1000)
  const { total_xact_time: inTransaction, total_query_time: inQuery, total_xact_count: transactions } = change
  return {
    transactionsPerSec: perSec('total_xact_count'),
    queriesPerSec: perSec('total_query_count'),
    receivedPerSec: perSec('total_received'),
    sentPerSec: perSec('total_sent'),
    assignmentsPerSec: perSec('total_server_assignment_count'),
    meanTransactionMs: meanMs(inTransaction, transactions),
    meanQueryMs: meanMs(inQuery, change.total_query_count),
    meanWaitMs: meanMs(change.total_wait_time, change.total_server_assignment_count ?? transactions),
    // A query that ends counts at once, its transaction later: short windows may go beyond the bounds.
    idleInTransactionRatio:
      inTransaction === 0
        ? null
        : combine(inTransaction, inQuery, (a, b) => Math.min(1, Math.max(0, (a - b) / a))),
  }
}

function record(read: (column: keyof Counters) => number | null): Counters {
  return Object.fromEntries(COLUMNS.map((column) => [column, read(column)])) as Counters
}

/** What comes of two numbers; unknown when one of them is. */
function combine(a: number | null, b: number | null, of: (a: number, b: number) => number): number | null {
  return a === null || b === null ? null : of(a, b)
}
