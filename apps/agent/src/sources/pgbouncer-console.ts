import type { ClientConfig } from 'pg'
import { SourceFailure } from './failure.ts'
import { PostgresqlSession } from './postgresql-session.ts'

/** All that is ever asked of an admin console. None of it changes anything. */
export type ConsoleView =
  | 'POOLS'
  | 'DATABASES'
  | 'LISTS'
  | 'STATS'
  | 'CLIENTS'
  | 'SERVERS'
  | 'CONFIG'
  | 'VERSION'

/** A row as the driver gives it. Columns differ between versions: read them by name. */
export type ConsoleRow = Record<string, unknown>

/** A connection to the admin console, which knows the simple protocol alone, and how long it took to answer. */
export class PgbouncerConsole {
  readonly #session: PostgresqlSession
  /** Shortest round trip seen: what the way costs when the pooler has nothing to do. */
  #idleMs = Number.POSITIVE_INFINITY
  #costMs = 0

  private constructor(session: PostgresqlSession) {
    this.#session = session
  }

  /** @throws as {@link PostgresqlSession.open} */
  static async open(config: ClientConfig, signal: AbortSignal): Promise<PgbouncerConsole> {
    return new PgbouncerConsole(await PostgresqlSession.open(config, signal))
  }

  get lost(): Promise<never> {
    return this.#session.lost
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  /** Reads one view. @throws as {@link PostgresqlSession.open} */
  async show(view: ConsoleView): Promise<ConsoleRow[]> {
    // The pooler writes all of a view before it sends any.
    const { rows, firstRowMs } = await this.#session.timed(`SHOW ${view}`)
    this.#idleMs = Math.min(this.#idleMs, firstRowMs)
    this.#costMs += firstRowMs - this.#idleMs
    return rows
  }

  /** Time that the pooler spent since the last call, ms: round trips less what the way alone costs. */
  takeCostMs(): number {
    const costMs = this.#costMs
    this.#costMs = 0
    return costMs
  }
}

/** A number, also where the driver gives it as text; null where this version has no such column. */
export function numberIn(row: ConsoleRow, column: string): number | null {
  const value = row[column]
  if (typeof value !== 'number' && typeof value !== 'string') return null
  const number = Number(value)
  return value === '' || Number.isNaN(number) ? null : number
}

/** A number that every supported version has. @throws SourceFailure where it is missing */
export function countIn(row: ConsoleRow, column: string): number {
  const value = numberIn(row, column)
  if (value === null) throw new SourceFailure('version_unsupported')
  return value
}

/** A text; null where it is empty, or this version has no such column. */
export function textIn(row: ConsoleRow, column: string): string | null {
  const value = row[column]
  return typeof value === 'string' && value !== '' ? value : null
}

/** A duration that two columns hold, in whole seconds and the microseconds beyond them, whole ms. */
export function waitMsIn(row: ConsoleRow, seconds: string, microseconds: string): number | null {
  const whole = numberIn(row, seconds)
  const rest = numberIn(row, microseconds)
  return whole === null || rest === null ? null : whole * 1000 + Math.round(rest / 1000)
}
