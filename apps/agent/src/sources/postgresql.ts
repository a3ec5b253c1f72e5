import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientConfig } from 'pg'
import type { ServerTarget } from '../config/config.ts'
import { cleanName } from './clean-name.ts'
import { describeFailure, type FailureContext, SourceFailure } from './postgresql-errors.ts'
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
import { parsePostgresUrl } from './postgresql-url.ts'
import { reconnectDelayMs } from './reconnect-delay.ts'
import { SampleInterval } from './sample-interval.ts'
import type { ServerSample, Source, SourceUpdate } from './source.ts'
import type { SourceEnv } from './source-env.ts'
import { sourceIdOf } from './source-id.ts'

const OLDEST_VERSION = 130_000
const FACTS_EVERY_MS = 60_000
/** A connection that lasted this long clears the count of failures. */
const HEALTHY_MS = 60_000
/** No attempt follows another faster than this, however it failed. */
const LEAST_PAUSE_MS = 250

type Emit = (update: SourceUpdate) => void

/** Samples one PostgreSQL server, version 13 or later, over one held connection. */
export class PostgresqlSource implements Source {
  readonly id: string
  readonly name: string
  readonly system = 'postgresql'
  readonly address: string
  readonly #url: string
  readonly #env: SourceEnv
  readonly #stopping = new AbortController()
  readonly #sessionLimit: number
  #interval = new SampleInterval()
  #running: Promise<void> | null = null

  /** @param sessionLimit most sessions in a sample; more costs memory and bandwidth, not truth: counts are of all */
  constructor(target: ServerTarget, env: SourceEnv, sessionLimit = SESSION_LIMIT) {
    this.id = sourceIdOf(target.system, target.address)
    this.name = target.name
    this.address = target.address
    this.#url = target.url
    this.#env = env
    this.#sessionLimit = sessionLimit
  }

  start(onUpdate: Emit): void {
    if (this.#running !== null) return
    const emit: Emit = (update) => {
      if (!this.#stopping.signal.aborted) onUpdate(update)
    }
    emit({ state: 'connecting', error: null, sample: null })
    this.#running = this.#run(emit)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  /** Connects, samples until that fails, says why, waits, and begins again. */
  async #run(emit: Emit): Promise<void> {
    const { signal } = this.#stopping
    let failures = 0
    let failingSinceMs: number | null = null
    while (!signal.aborted) {
      const attempt = { startMs: this.#env.elapsedMs(), connectedMs: null as number | null }
      const context: FailureContext = { address: this.address, role: 'the role', database: 'the database' }
      try {
        await this.#watch(emit, attempt, context)
      } catch (error) {
        if (signal.aborted) return
        const nowMs = this.#env.elapsedMs()
        const { code, message, state } = describeFailure(error, context)
        emit({ state, error: { code, message }, sample: null })
        if (attempt.connectedMs !== null && nowMs - attempt.connectedMs >= HEALTHY_MS) {
          failures = 0
          failingSinceMs = null
        }
        failingSinceMs ??= nowMs
        const failingMs = nowMs - failingSinceMs
        const delayMs = reconnectDelayMs({ code, failures, failingMs, random: this.#env.random })
        failures += 1
        // A connection that stood for a while is a fresh failure; one that never did counts from its attempt.
        const spentMs = attempt.connectedMs === null ? nowMs - attempt.startMs : 0
        await pause(Math.max(LEAST_PAUSE_MS, delayMs - spentMs), signal)
      }
    }
  }

  async #watch(emit: Emit, attempt: { connectedMs: number | null }, context: FailureContext): Promise<void> {
    const { signal } = this.#stopping
    const config = readUrl(this.#url)
    context.role = cleanName(config.user ?? context.role)
    context.database = cleanName(config.database ?? context.database)
    const session = await PostgresqlSession.open(config, signal)
    const close = () => void session.close()
    signal.addEventListener('abort', close)
    try {
      await introduce(session)
      let facts = await readFacts(session)
      let factsAtMs = this.#env.elapsedMs()
      attempt.connectedMs = factsAtMs
      while (!signal.aborted) {
        const startMs = this.#env.elapsedMs()
        if (startMs - factsAtMs >= FACTS_EVERY_MS) {
          facts = await readFacts(session)
          factsAtMs = startMs
        }
        await this.#sampleOnce(session, facts, emit, context)
        const spentMs = this.#env.elapsedMs() - startMs
        const { ms } = this.#interval
        // A tick that came while the sample ran is left out, not made up for.
        await session.whileAlive(pause(ms - (spentMs % ms), signal))
      }
    } finally {
      signal.removeEventListener('abort', close)
      await session.close()
    }
  }

  async #sampleOnce(session: PostgresqlSession, facts: FactsRow, emit: Emit, context: FailureContext) {
    const atMs = this.#env.now()
    const startMs = this.#env.elapsedMs()
    try {
      const rows = await session.query<SessionRow>(sessionsSql(this.#sessionLimit))
      const cut = rows.length > this.#sessionLimit
      const counts = cut ? await session.query<CountRow>(COUNTS_SQL) : rows.map(asCount)
      const sampleMs = this.#env.elapsedMs() - startMs
      const listed = rows.slice(0, this.#sessionLimit)
      // The server's own time, not the way there and back: a distant server is not a slow one.
      this.#interval.took(Math.max(0, ...rows.slice(-1).map((row) => row.elapsedMs)))
      const sample: ServerSample = {
        atMs,
        ...facts,
        connections: countConnections(counts),
        sessions: listed.map(toSession),
        sampleMs,
        intervalMs: this.#interval.ms,
      }
      emit({ state: 'up', error: null, sample })
    } catch (error) {
      const { code, message, state } = describeFailure(error, context)
      if (!endedByServer(error)) throw error
      this.#interval.timedOut()
      emit({ state, error: { code, message }, sample: null })
    }
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

/** Waits; ends early, without an error, when stopped. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {})
}
