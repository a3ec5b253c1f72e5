import type { Detail, DetailGroup, System } from '@poolscope/protocol'
import type { ConnectionOptions } from 'mysql2'
import type { ServerTarget } from '../config/config.ts'
import { type CheckItem, fine } from './check.ts'
import { cleanName } from './clean-name.ts'
import type { Engine, EngineSample, EngineSession } from './engine.ts'
import { SourceFailure } from './failure.ts'
import { describeMysqlFailure, errnoOf, type MysqlContext } from './mysql-errors.ts'
import { flavorOf, type MysqlFlavor } from './mysql-flavor.ts'
import { MysqlSession } from './mysql-session.ts'
import { countProcesses, type ProcessList, type ProcessRow, toMysqlSessions } from './mysql-sessions.ts'
import { readDigests } from './mysql-statements.ts'
import { parseMysqlUrl } from './mysql-url.ts'
import { Rates } from './rates.ts'
import type { StatementTotals } from './source.ts'
import type { SourceEnv } from './source-env.ts'

const SLOW_EVERY_MS = 10_000
const SESSION_LIMIT = 5000
/** Numbers of errors that say "you may not read this", rather than "this cannot be". */
const NOT_ALLOWED = new Set([1142, 1143, 1146, 1227, 1044])

/** MySQL 8 or MariaDB 10.6 or later; which of them, the server says itself. */
export function mysqlEngine(system: System): (target: ServerTarget, env: SourceEnv) => Engine {
  return (target, env) => {
    const context: MysqlContext = { address: target.address, user: 'of the URL' }
    return {
      system,
      open: async (signal) => {
        const options = readUrl(target.url)
        context.user = cleanName(options.user ?? context.user)
        const session = await MysqlSession.open(options, signal)
        try {
          const [row] = await session.query<{ version: string }>('SELECT VERSION() AS version')
          const flavor = flavorOf(row?.version ?? '')
          if (!flavor.supported) throw new SourceFailure('version_unsupported')
          for (const setting of flavor.settings) await session.query(setting)
          return new MysqlReader(session, flavor, context.user, env)
        } catch (error) {
          await session.close()
          throw error
        }
      },
      describe: (error) => describeMysqlFailure(error, context),
      // The server ended the statement by its own time-out: the connection still stands.
      stands: (error) => [1317, 1969, 3024].includes(errnoOf(error) ?? 0),
    }
  }
}

type Variables = ReadonlyMap<string, string>

/** Reads one server through one session. */
class MysqlReader implements EngineSession {
  readonly #session: MysqlSession
  readonly #flavor: MysqlFlavor
  readonly #user: string
  readonly #env: SourceEnv
  readonly #rates = new Rates()
  #variables: Variables = new Map()
  #slowAtMs = Number.NEGATIVE_INFINITY
  #roundTripMs = Number.POSITIVE_INFINITY

  constructor(session: MysqlSession, flavor: MysqlFlavor, user: string, env: SourceEnv) {
    this.#session = session
    this.#flavor = flavor
    this.#user = user
    this.#env = env
  }

  get lost(): Promise<never> {
    return this.#session.lost
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  async sample(): Promise<EngineSample> {
    const nowMs = this.#env.elapsedMs()
    await this.#session.query('DO 0')
    const startMs = this.#env.elapsedMs()
    // The quickest answer to nothing is the way there and back.
    this.#roundTripMs = Math.min(this.#roundTripMs, startMs - nowMs)
    const status = await this.#readPairs(`SHOW GLOBAL STATUS WHERE Variable_name IN (${quoted(STATUS)})`)
    const list = await this.#readProcesses()
    const costMs = Math.max(0, this.#env.elapsedMs() - startMs - 4 * this.#roundTripMs)
    const statements = await this.#readSlowly(status, nowMs)
    const counters = Object.fromEntries(COUNTERS.map(([name]) => [name, numberIn(status, name)]))
    this.#rates.take(counters, nowMs)
    const uptimeSec = numberIn(status, 'Uptime')
    return {
      version: this.#flavor.version,
      startedAtMs: uptimeSec === null ? null : this.#env.now() - uptimeSec * 1000,
      maxConnections: numberIn(this.#variables, 'max_connections'),
      // Beyond max_connections there is one more for administrators; none of it is taken from the others.
      reservedConnections: 0,
      connections: countProcesses(list),
      sessions: toMysqlSessions(list, SESSION_LIMIT),
      details: [threadDetails(status), rateDetails(this.#rates), settingDetails(this.#variables)],
      limits: [],
      pools: [],
      peers: [],
      statements,
      costMs,
    }
  }

  /** Tries what a sample needs, and names the grant for each right that is missing. */
  async check(): Promise<CheckItem[]> {
    const [account] = await this.#session.query<{ account: string }>('SELECT CURRENT_USER() AS account')
    const to = quotedAccount(account?.account ?? this.#user)
    const grants = await this.#session.query<Record<string, string>>('SHOW GRANTS')
    const texts = grants.flatMap((row) => Object.values(row))
    const sees = texts.some((text) => /\b(PROCESS|ALL PRIVILEGES)\b/.test(text))
    const processes: CheckItem = sees
      ? fine('connections of all users', 'Every connection may be seen.')
      : {
          what: 'connections of all users',
          state: 'missing',
          message: 'Only the agent’s own connection may be seen.',
          fix: [`GRANT PROCESS ON *.* TO ${to};`],
        }
    const attributes = await this.#mayRead('SELECT 1 FROM performance_schema.session_connect_attrs LIMIT 1')
    const on = this.#variables.get('performance_schema') !== 'OFF'
    const schema: CheckItem = !on
      ? {
          what: 'statements and program names',
          state: 'advice',
          message: 'performance_schema is off: neither statements nor program names are known.',
          fix: ['performance_schema = ON in the server’s configuration, then restart it'],
        }
      : attributes
        ? fine('statements and program names', 'performance_schema may be read.')
        : {
            what: 'statements and program names',
            state: 'missing',
            message: 'performance_schema may not be read.',
            fix: [`GRANT SELECT ON performance_schema.* TO ${to};`],
          }
    return [processes, schema, await this.#checkDoor()]
  }

  async #checkDoor(): Promise<CheckItem> {
    const { variables, advice } = this.#flavor.door
    const found = await this.#readPairs(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${quoted(variables)})`)
    const port = [...found].find(([name, value]) => name.endsWith('_port') && value !== '0')?.[1]
    const address = found.get('admin_address')
    if (port !== undefined && address !== '') return fine('reserved door', `Open on port ${cleanName(port)}.`)
    return {
      what: 'reserved door',
      state: 'advice',
      message: 'Closed: cut off from a full server, watching could not come back.',
      fix: [advice],
    }
  }

  async #readSlowly(status: Variables, nowMs: number): Promise<StatementTotals | null> {
    if (nowMs - this.#slowAtMs < SLOW_EVERY_MS) return null
    this.#slowAtMs = nowMs
    this.#variables = await this.#readPairs(
      `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${quoted(VARIABLES)})`,
    )
    if (this.#variables.get('performance_schema') === 'OFF') return null
    const epoch = String(Math.round(this.#env.now() / 1000 - (numberIn(status, 'Uptime') ?? 0)))
    // The start is known to the second, and wanders by one.
    const stable = this.#epochNear(epoch)
    return this.#orNull(readDigests(this.#session, stable, this.#flavor.p95Column))
  }

  #epoch: number | null = null
  #epochNear(epoch: string): string {
    const now = Number(epoch)
    if (this.#epoch === null || Math.abs(this.#epoch - now) > 2) this.#epoch = now
    return String(this.#epoch)
  }

  async #readProcesses(): Promise<ProcessList> {
    const rows = await this.#session.query<ProcessRow>(this.#flavor.processListSql)
    const open = await this.#orNull(
      this.#session.query<{ id: number | string; ageSec: number | string | null }>(
        'SELECT trx_mysql_thread_id AS id, TIMESTAMPDIFF(SECOND, trx_started, NOW()) AS ageSec FROM information_schema.innodb_trx',
      ),
    )
    const named = await this.#orNull(
      this.#session.query<{ id: number | string; name: string }>(
        "SELECT processlist_id AS id, attr_value AS name FROM performance_schema.session_connect_attrs WHERE attr_name = 'program_name'",
      ),
    )
    return {
      rows,
      transactions:
        open === null
          ? null
          : new Map(open.map(({ id, ageSec }) => [Number(id), Math.max(0, Number(ageSec) * 1000)])),
      programs: new Map((named ?? []).map(({ id, name }) => [Number(id), name])),
      ownId: this.#session.id,
    }
  }

  async #mayRead(sql: string): Promise<boolean> {
    return (await this.#orNull(this.#session.query(sql))) !== null
  }

  /** Null for what this user may not read, or this server has not. */
  async #orNull<T>(work: Promise<T>): Promise<T | null> {
    try {
      return await work
    } catch (error) {
      if (NOT_ALLOWED.has(errnoOf(error) ?? 0)) return null
      throw error
    }
  }

  async #readPairs(sql: string): Promise<Variables> {
    const rows = await this.#session.query<{ Variable_name: string; Value: string }>(sql)
    return new Map(rows.map(({ Variable_name, Value }) => [Variable_name, Value]))
  }
}

const COUNTERS = [
  ['Connections', 'New connections, refused ones among them: many a second say that a client does not pool.'],
  ['Aborted_connects', 'Connections that failed: wrong password, no right, or a full server.'],
  ['Aborted_clients', 'Clients that went without saying goodbye: time-outs, crashes, forgotten connections.'],
  [
    'Connection_errors_max_connections',
    'Refused because max_connections was reached, where the server counts it.',
  ],
  ['Queries', 'Statements of all clients.'],
] as const

const GAUGES = [
  ['Threads_connected', 'Connections that are open now.'],
  ['Threads_running', 'Connections that run a statement now.'],
  ['Threads_cached', 'Threads that wait for the next connection.'],
  ['Max_used_connections', 'Most connections at one time since the server started.'],
] as const

const STATUS = [...COUNTERS.map(([name]) => name), ...GAUGES.map(([name]) => name), 'Uptime']

const SETTINGS = [
  ['wait_timeout', 'An idle connection is closed after this long. Pools should close first.'],
  ['interactive_timeout', 'The same for clients that say that they are interactive.'],
  ['innodb_lock_wait_timeout', 'A statement that waits longer for a row lock fails.'],
] as const

const VARIABLES = [
  ...SETTINGS.map(([name]) => name),
  'max_connections',
  'max_user_connections',
  'performance_schema',
]

function threadDetails(status: Variables): DetailGroup {
  return {
    title: 'Threads',
    details: GAUGES.map(
      ([name, note]): Detail => ({ name, value: numberIn(status, name), unit: 'count', note }),
    ),
  }
}

function rateDetails(rates: Rates): DetailGroup {
  return {
    title: 'Since the last sample',
    details: COUNTERS.map(
      ([name, note]): Detail => ({ name, value: rates.perSec(name), unit: 'perSec', note }),
    ),
  }
}

function settingDetails(variables: Variables): DetailGroup {
  const ms = (name: string) => {
    const seconds = numberIn(variables, name)
    return seconds === null ? null : seconds * 1000
  }
  const schema = variables.get('performance_schema')
  return {
    title: 'Settings',
    details: [
      ...SETTINGS.map(([name, note]): Detail => ({ name, value: ms(name), unit: 'ms', note })),
      {
        name: 'max_user_connections',
        value: numberIn(variables, 'max_user_connections'),
        unit: 'count',
        note: 'Most connections of one user unless it has a limit of its own; 0 is no limit.',
      },
      {
        name: 'performance_schema',
        value: schema === undefined ? null : cleanName(schema),
        unit: 'text',
        note: 'Off, neither statements nor program names are known.',
      },
    ],
  }
}

function numberIn(values: Variables, name: string): number | null {
  const text = values.get(name)
  const value = Number(text)
  return text === undefined || text === '' || !Number.isFinite(value) ? null : value
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ')
}

/** `user@host` as it stands in a GRANT. */
function quotedAccount(account: string): string {
  const at = account.lastIndexOf('@')
  const [user, host] = at === -1 ? [account, '%'] : [account.slice(0, at), account.slice(at + 1)]
  const quote = (name: string) => `'${cleanName(name).replaceAll("'", "''")}'`
  return `${quote(user)}@${quote(host)}`
}

function readUrl(url: string): ConnectionOptions {
  try {
    return parseMysqlUrl(url)
  } catch (error) {
    // The form was checked with the configuration; what is left is a certificate file that went away.
    throw new SourceFailure('tls_failed', error)
  }
}
