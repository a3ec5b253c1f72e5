import type { ServerTarget } from '../config/config.ts'
import { type CheckItem, fine } from './check.ts'
import { cleanName } from './clean-name.ts'
import type { Engine, EngineSample, EngineSession } from './engine.ts'
import { SourceFailure } from './failure.ts'
import { countClients, toSessions } from './pgbouncer-clients.ts'
import { type ConsoleRow, numberIn, PgbouncerConsole, textIn } from './pgbouncer-console.ts'
import { pgbouncerDetails } from './pgbouncer-details.ts'
import { describePgbouncerFailure, type PgbouncerContext } from './pgbouncer-errors.ts'
import { toLimits, toPools } from './pgbouncer-pools.ts'
import { PgbouncerStats } from './pgbouncer-rates.ts'
import { parsePgbouncerUrl } from './pgbouncer-url.ts'
import type { SourceEnv } from './source-env.ts'

const OLDEST: readonly [number, number] = [1, 18]
const FACTS_EVERY_MS = 60_000
/** Two seconds, less what a timer may come early. */
const LISTS_EVERY_MS = 1900
/** Longer lists are not asked for: PgBouncer has one thread, and serves nobody while it writes them. */
const LONGEST_LIST = 2000

type Facts = { version: string; config: ReadonlyMap<string, string> }

/**
 * PgBouncer, version 1.18 or later, through its admin console.
 * @param longestList most clients, and most server connections, that are listed one by one
 */
export function pgbouncerEngine(target: ServerTarget, env: SourceEnv, longestList = LONGEST_LIST): Engine {
  const context: PgbouncerContext = { address: target.address, user: 'of the URL' }
  return {
    system: 'pgbouncer',
    open: async (signal) => {
      const config = readUrl(target.url)
      context.user = cleanName(config.user ?? context.user)
      const admin = await PgbouncerConsole.open(config, signal)
      try {
        return new PgbouncerReader(admin, context.user, await readFacts(admin), env, longestList)
      } catch (error) {
        await admin.close()
        throw error
      }
    },
    describe: (error) => describePgbouncerFailure(error, context),
    // The console has no time-out of its own: whatever fails is asked anew over another connection.
    stands: () => false,
  }
}

/** Reads one PgBouncer through one connection. */
class PgbouncerReader implements EngineSession {
  readonly #console: PgbouncerConsole
  readonly #env: SourceEnv
  readonly #longestList: number
  readonly #user: string
  readonly #stats = new PgbouncerStats()
  #facts: Facts
  #factsAtMs: number
  #clients: ConsoleRow[] = []
  #servers: ConsoleRow[] = []
  #listsAtMs = Number.NEGATIVE_INFINITY

  constructor(admin: PgbouncerConsole, user: string, facts: Facts, env: SourceEnv, longestList: number) {
    this.#console = admin
    this.#user = user
    this.#facts = facts
    this.#factsAtMs = env.elapsedMs()
    this.#env = env
    this.#longestList = longestList
  }

  get lost(): Promise<never> {
    return this.#console.lost
  }

  close(): Promise<void> {
    return this.#console.close()
  }

  /** Whoever reads one view of the console may read all of them: it is the login that is refused else. */
  async check(): Promise<CheckItem[]> {
    const { config } = this.#facts
    const admin = (config.get('admin_users') ?? '').split(/[,\s]+/).includes(this.#user)
    const role: CheckItem = admin
      ? {
          what: 'role on the admin console',
          state: 'advice',
          message: `User ${this.#user} may also pause, reload and stop this PgBouncer, which watching does not need.`,
          fix: [`stats_users = ${this.#user}`, 'and take it out of admin_users'],
        }
      : fine('role on the admin console', `User ${this.#user} may read, and change nothing.`)
    return [role, fine('reserved door', 'Open: max_client_conn does not count for the admin console.')]
  }

  async sample(): Promise<EngineSample> {
    await this.#refreshFacts()
    const pools = await this.#console.show('POOLS')
    const lists = listsOf(await this.#console.show('LISTS'))
    const databases = await this.#console.show('DATABASES')
    this.#stats.take(await this.#console.show('STATS'), this.#env.elapsedMs())
    await this.#refreshLists(lists)
    const { version, config } = this.#facts
    const views = { pools, lists, databases, servers: this.#servers, config }
    return {
      version,
      startedAtMs: null,
      maxConnections: limitOf(config.get('max_client_conn')),
      reservedConnections: 0,
      connections: countClients(pools, lists.get('login_clients') ?? null),
      sessions: toSessions(this.#clients),
      details: pgbouncerDetails(views, this.#stats.total),
      limits: toLimits(views),
      pools: toPools(views, this.#stats.rates),
      peers: [],
      statements: null,
      costMs: this.#console.takeCostMs(),
    }
  }

  /**
   * Lists of clients and server connections, where they are short enough. Those to servers at once when there are more
   * or fewer of them: until then the database's sessions of the new ones are nobody's.
   */
  async #refreshLists(lists: ReadonlyMap<string, number>): Promise<void> {
    const nowMs = this.#env.elapsedMs()
    const due = nowMs - this.#listsAtMs >= LISTS_EVERY_MS
    const servers = lists.get('used_servers') ?? Number.POSITIVE_INFINITY
    const short = (count = Number.POSITIVE_INFINITY) => count <= this.#longestList
    if (due || servers !== this.#servers.length) {
      this.#servers = short(servers) ? await this.#console.show('SERVERS') : []
    }
    if (!due) return
    this.#listsAtMs = nowMs
    this.#clients = short(lists.get('used_clients')) ? await this.#console.show('CLIENTS') : []
  }

  async #refreshFacts(): Promise<void> {
    const nowMs = this.#env.elapsedMs()
    if (nowMs - this.#factsAtMs < FACTS_EVERY_MS) return
    this.#facts = await readFacts(this.#console)
    this.#factsAtMs = nowMs
  }
}

function readUrl(url: string): ReturnType<typeof parsePgbouncerUrl> {
  try {
    return parsePgbouncerUrl(url)
  } catch (error) {
    // The form was checked with the configuration; what is left is a certificate file that went away.
    throw new SourceFailure('tls_failed', error)
  }
}

/** Settles who answers, and reads what seldom changes. @throws SourceFailure when it is too old, or something else */
async function readFacts(admin: PgbouncerConsole): Promise<Facts> {
  const [row] = await admin.show('VERSION')
  const found = /PgBouncer (\d+)\.(\d+)\S*/i.exec((row && textIn(row, 'version')) ?? '')
  const [major, minor] = [Number(found?.[1]), Number(found?.[2])]
  if (found === null || major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new SourceFailure('version_unsupported')
  }
  const settings = await admin.show('CONFIG')
  const config = new Map(settings.map((setting) => [String(setting.key), textIn(setting, 'value') ?? '']))
  return { version: cleanName(found[0].replace(/^\S+ /, '')), config }
}

function listsOf(rows: readonly ConsoleRow[]): ReadonlyMap<string, number> {
  return new Map(
    rows.flatMap((row): [string, number][] => {
      const items = numberIn(row, 'items')
      return items === null ? [] : [[String(row.list), items]]
    }),
  )
}

function limitOf(setting: string | undefined): number | null {
  const limit = Number(setting)
  return Number.isInteger(limit) && limit > 0 ? limit : null
}
