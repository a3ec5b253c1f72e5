import type { CheckItem } from './check.ts'
import type { EngineSample, EngineSession } from './engine.ts'
import { LockReader } from './held-locks.ts'
import { checkMysql } from './mysql-check.ts'
import {
  type ClientKindRow,
  type ClientRow,
  countClients,
  type TransactionRow,
  type Transactions,
  toSessions,
} from './mysql-clients.ts'
import {
  activityDetails,
  numberIn,
  rateDetails,
  type SchemaState,
  settingDetails,
  settingNames,
  statusNames,
  threadDetails,
  type Variables,
} from './mysql-details.ts'
import { isDenied } from './mysql-errors.ts'
import type { MysqlFlavor } from './mysql-flavor.ts'
import { inspectMysqlSessions } from './mysql-inspect.ts'
import { type AccountRow, readAccounts, userLimits } from './mysql-limits.ts'
import { ProgramNames } from './mysql-programs.ts'
import { ELAPSED_SQL, type MysqlSession } from './mysql-session.ts'
import { MysqlStatements } from './mysql-statements.ts'
import { Rates } from './rates.ts'
import type { SourceEnv } from './source-env.ts'

/** What changes slowly, or costs more to read, is read this often. */
const SLOW_EVERY_MS = 10_000
const SESSION_LIMIT = 5000

/** The last row, of no session, is there to tell the time that it took where no transaction is open. */
const TRANSACTIONS_SQL = `SELECT trx_mysql_thread_id AS pid, trx_state = 'LOCK WAIT' AS waits,
 GREATEST(0, TIMESTAMPDIFF(SECOND, trx_started, NOW())) * 1000 AS ageMs, trx_rows_locked AS lockedRows, ${ELAPSED_SQL}
 FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id > 0 UNION ALL SELECT 0, 0, 0, 0, ${ELAPSED_SQL}`

/** Who answers, and how it was come to. */
export type MysqlPeer = {
  flavor: MysqlFlavor
  /** Name of the agent's user. */
  user: string
  /** Null for a Unix socket. */
  port: number | null
}

type Facts = { settings: Variables; schema: SchemaState; accounts: AccountRow[] }
type Clients = { rows: ClientRow[]; kinds: ClientKindRow[] }

/** Reads one server through one session: sessions each time, the rest every ten seconds. */
export class MysqlReader implements EngineSession {
  readonly #session: MysqlSession
  readonly #peer: MysqlPeer
  readonly #env: SourceEnv
  readonly #sessionLimit: number
  readonly #rates = new Rates()
  readonly #programs = new ProgramNames()
  readonly #statements: MysqlStatements
  readonly #locks = new LockReader()
  #facts: Facts | null = null
  #factsAtMs = Number.NEGATIVE_INFINITY

  /** @param sessionLimit most sessions in a sample; more costs memory and bandwidth, not truth: counts are of all */
  constructor(session: MysqlSession, peer: MysqlPeer, env: SourceEnv, sessionLimit = SESSION_LIMIT) {
    this.#session = session
    this.#peer = peer
    this.#env = env
    this.#sessionLimit = sessionLimit
    this.#statements = new MysqlStatements(session, peer.flavor)
  }

  get lost(): Promise<never> {
    return this.#session.lost
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  async check(): Promise<CheckItem[]> {
    const { flavor, port } = this.#peer
    const { settings, schema } = this.#facts ?? (await this.#readFacts())
    const seesAll = (await this.#readTransactions()) !== null
    return checkMysql(this.#session, { seesAll, schema, settings, door: flavor.door, port })
  }

  async sample(inspected: readonly number[]): Promise<EngineSample> {
    const nowMs = this.#env.elapsedMs()
    const due = nowMs - this.#factsAtMs >= SLOW_EVERY_MS
    const facts = due || this.#facts === null ? await this.#readFacts() : this.#facts
    const statements = await this.#statements.read(facts.schema === 'on', due)
    if (due) {
      this.#facts = facts
      this.#factsAtMs = nowMs
    }
    this.#session.takeCostMs()
    const status = await this.#readStatus()
    const transactions = await this.#readTransactions()
    const { rows, kinds } = await this.#readClients(facts.schema)
    const pids = rows.map(({ pid }) => pid)
    const programs = facts.schema === 'on' ? await this.#programs.read(this.#session, pids, due) : new Map()
    const { flavor, user } = this.#peer
    const inspections = await inspectMysqlSessions(this.#session, {
      asked: inspected,
      transactions,
      schemaOn: facts.schema === 'on',
      rows,
      flavor,
      locks: this.#locks,
      nowMs,
    })
    const costMs = this.#session.takeCostMs()
    const uptimeSec = numberIn(status, 'Uptime')
    return {
      version: flavor.version,
      startedAtMs: uptimeSec === null ? null : this.#env.now() - uptimeSec * 1000,
      maxConnections: numberIn(facts.settings, 'max_connections'),
      // The one place more that an administrator has is not taken from those of the others.
      reservedConnections: 0,
      connections: countClients(kinds, transactions, numberIn(status, 'Threads_connected')),
      sessions: toSessions(rows, transactions, programs),
      inspections,
      details: [
        threadDetails(status),
        ...activityDetails(rows, transactions),
        rateDetails(flavor, status, this.#rates, nowMs),
        settingDetails(flavor, facts.settings, facts.schema),
      ],
      limits: userLimits(facts.accounts, transactions === null ? null : kinds, user),
      pools: [],
      peers: [],
      statements,
      costMs,
    }
  }

  async #readFacts(): Promise<Facts> {
    const settings = await this.#readSettings()
    return {
      settings,
      schema: await this.#readSchemaState(settings),
      accounts: await readAccounts(this.#session),
    }
  }

  async #readSchemaState(settings: Variables): Promise<SchemaState> {
    if (settings.get('performance_schema') !== 'ON') return 'off'
    const sql = 'SELECT 1 FROM performance_schema.session_connect_attrs LIMIT 1'
    return (await this.#orDenied(this.#session.query(sql))) === null ? 'denied' : 'on'
  }

  async #readSettings(): Promise<Variables> {
    const names = quoted(settingNames(this.#peer.flavor))
    const rows = await this.#session.query<{ Variable_name: string; Value: string }>(
      `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`,
    )
    return new Map(rows.map(({ Variable_name, Value }) => [Variable_name.toLowerCase(), Value]))
  }

  async #readStatus(): Promise<Variables> {
    const { flavor } = this.#peer
    const rows = await this.#session.query<{ name: string; value: string }>(
      `SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value, ${ELAPSED_SQL} FROM ${flavor.statusTable}
 WHERE VARIABLE_NAME IN (${quoted(statusNames(flavor))})`,
    )
    return new Map(rows.map(({ name, value }) => [name.toLowerCase(), value]))
  }

  /** Null without the right to see what others do, which is asked for sessions as well. */
  async #readTransactions(): Promise<Transactions> {
    const rows = await this.#orDenied(this.#session.query<TransactionRow>(TRANSACTIONS_SQL))
    return rows === null ? null : new Map(rows.filter(({ pid }) => pid > 0).map((row) => [row.pid, row]))
  }

  async #readClients(schema: SchemaState): Promise<Clients> {
    const { threads, processList } = this.#peer.flavor
    const list = schema === 'on' && threads !== null ? threads : processList
    const listed = await this.#session.query<ClientRow>(list.sql(this.#sessionLimit + 1))
    const rows = listed.slice(0, this.#sessionLimit)
    if (listed.length <= this.#sessionLimit) return { rows, kinds: rows }
    return { rows, kinds: await this.#session.query<ClientKindRow>(list.kindsSql) }
  }

  async #orDenied<Result>(work: Promise<Result>): Promise<Result | null> {
    try {
      return await work
    } catch (error) {
      if (isDenied(error)) return null
      throw error
    }
  }
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ')
}
