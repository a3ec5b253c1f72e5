import type { ClientConfig } from 'pg'
import type { ServerTarget } from '../config/config.ts'
import type { CheckItem } from './check.ts'
import { cleanName } from './clean-name.ts'
import type { Engine, EngineSample, EngineSession } from './engine.ts'
import { SourceFailure } from './failure.ts'
import { LockReader } from './held-locks.ts'
import { checkPostgresql } from './postgresql-check.ts'
import { activityDetails, readSlowFacts, type SlowFacts } from './postgresql-details.ts'
import { describeFailure, type FailureContext } from './postgresql-errors.ts'
import { inspectSessions } from './postgresql-inspect.ts'
import {
  COUNTS_SQL,
  type CountRow,
  countConnections,
  FACTS_SQL,
  type FactsRow,
  HELLO_SQL,
  type HelloRow,
  SESSION_LIMIT,
  SETTINGS_SQL,
  type SessionRow,
  sessionsSql,
  toSession,
} from './postgresql-queries.ts'
import { PostgresqlSession } from './postgresql-session.ts'
import { type StatementReader, statementReader } from './postgresql-statements.ts'
import { parsePostgresUrl } from './postgresql-url.ts'
import type { StatementTotals } from './source.ts'
import type { SourceEnv } from './source-env.ts'

const OLDEST_VERSION = 130_000
/** What changes slowly, or costs more to read, is read this often. */
const SLOW_EVERY_MS = 10_000

/**
 * PostgreSQL, version 13 or later.
 * @param sessionLimit most sessions in a sample; more costs memory and bandwidth, not truth: counts are of all
 */
export function postgresqlEngine(target: ServerTarget, env: SourceEnv, sessionLimit = SESSION_LIMIT): Engine {
  const context: FailureContext = { address: target.address, role: 'the role', database: 'the database' }
  return {
    system: 'postgresql',
    open: async (signal) => {
      const config = readUrl(target.url)
      context.role = cleanName(config.user ?? context.role)
      context.database = cleanName(config.database ?? context.database)
      const session = await PostgresqlSession.open(config, signal)
      try {
        await introduce(session)
        const facts = { ...(await readFacts(session)), ...(await readSlowFacts(session)) }
        return new PostgresqlReader(session, facts, await statementReader(session), env, sessionLimit)
      } catch (error) {
        await session.close()
        throw error
      }
    },
    describe: (error) => describeFailure(error, context),
    stands: endedByServer,
  }
}

type Facts = FactsRow & SlowFacts

/** Reads one server through one session: sessions each time, the rest every ten seconds. */
class PostgresqlReader implements EngineSession {
  readonly #session: PostgresqlSession
  readonly #statements: StatementReader
  readonly #env: SourceEnv
  readonly #sessionLimit: number
  readonly #locks = new LockReader()
  #facts: Facts
  #factsAtMs: number
  #statementsAtMs = Number.NEGATIVE_INFINITY

  constructor(
    session: PostgresqlSession,
    facts: Facts,
    statements: StatementReader,
    env: SourceEnv,
    sessionLimit: number,
  ) {
    this.#session = session
    this.#facts = facts
    this.#factsAtMs = env.elapsedMs()
    this.#statements = statements
    this.#env = env
    this.#sessionLimit = sessionLimit
  }

  get lost(): Promise<never> {
    return this.#session.lost
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  check(): Promise<CheckItem[]> {
    return checkPostgresql(this.#session)
  }

  async sample(inspected: readonly number[]): Promise<EngineSample> {
    const nowMs = this.#env.elapsedMs()
    if (nowMs - this.#factsAtMs >= SLOW_EVERY_MS) {
      this.#facts = { ...(await readFacts(this.#session)), ...(await readSlowFacts(this.#session)) }
      this.#factsAtMs = nowMs
    }
    const rows = await this.#session.query<SessionRow>(sessionsSql(this.#sessionLimit))
    const cut = rows.length > this.#sessionLimit
    const counts = cut ? await this.#session.query<CountRow>(COUNTS_SQL) : rows.map(asCount)
    const { settings, backends, ...facts } = this.#facts
    return {
      ...facts,
      connections: countConnections(counts),
      sessions: rows.slice(0, this.#sessionLimit).map(toSession),
      inspections: await inspectSessions(this.#session, {
        asked: inspected,
        rows,
        locks: this.#locks,
        nowMs,
      }),
      details: [activityDetails(rows), backends, settings],
      pools: [],
      peers: [],
      statements: await this.#readStatements(nowMs),
      costMs: Math.max(0, ...rows.slice(-1).map((row) => row.elapsedMs)),
    }
  }

  async #readStatements(nowMs: number): Promise<StatementTotals | null> {
    const due = nowMs - this.#statementsAtMs >= SLOW_EVERY_MS
    const totals = await this.#statements.read(this.#session, due, nowMs)
    if (totals !== null) this.#statementsAtMs = nowMs
    return totals
  }
}

const asCount = (row: SessionRow): CountRow => ({ state: row.state, count: 1 })

function readUrl(url: string): ClientConfig {
  try {
    return parsePostgresUrl(url)
  } catch (error) {
    // The form was checked with the configuration; what is left is a certificate file that went away.
    throw new SourceFailure('tls_failed', error)
  }
}

/** True when the server gave up on the statement by its own time-outs: the connection still stands. */
function endedByServer(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '57014' || error.code === '55P03')
}

/**
 * Settles who answers and binds the session to its limits. Behind a pooler the server's session is shared, so
 * that settings would reach other clients: there only the deadlines of this side hold.
 */
async function introduce(session: PostgresqlSession): Promise<void> {
  const [hello] = await session.query<HelloRow>(HELLO_SQL)
  if (hello === undefined || hello.versionNumber < OLDEST_VERSION)
    throw new SourceFailure('version_unsupported')
  if (hello.pid === session.announcedPid) await session.query(SETTINGS_SQL)
}

async function readFacts(session: PostgresqlSession): Promise<FactsRow> {
  const [facts] = await session.query<FactsRow>(FACTS_SQL)
  if (facts === undefined) throw new SourceFailure('version_unsupported')
  // Packagers append their own build to the version.
  return {
    ...facts,
    startedAtMs: Math.round(facts.startedAtMs),
    version: cleanName(facts.version.split(' ')[0] as string),
  }
}
