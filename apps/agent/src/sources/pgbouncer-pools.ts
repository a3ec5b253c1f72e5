import type { ConnectionLimit } from '@poolscope/protocol'
import { cleanName } from './clean-name.ts'
import { CONSOLE, linkedClients } from './pgbouncer-clients.ts'
import { type ConsoleRow, countIn, numberIn, textIn, waitMsIn } from './pgbouncer-console.ts'
import type { StatRates } from './pgbouncer-rates.ts'
import type { ServerPool } from './source.ts'

/** What was read in one go; `servers` may be from the sample before. */
export type PoolViews = {
  pools: readonly ConsoleRow[]
  databases: readonly ConsoleRow[]
  servers: readonly ConsoleRow[]
  config: ReadonlyMap<string, string>
}

/** One pool for each database and user that clients came as, but that of the admin console. */
export function toPools(views: PoolViews, rates: ReadonlyMap<string, StatRates>): ServerPool[] {
  const rows = views.pools.filter((row) => row.database !== CONSOLE)
  return rows.flatMap((row) => {
    const database = views.databases.find((one) => one.name === row.database)
    // PgBouncer remembers pools of databases that it made up for a wrong name, and forgets the database.
    if (database === undefined && isEmpty(row)) return []
    const alone = rows.filter((one) => one.database === row.database).length === 1
    const waiting = countIn(row, 'cl_waiting')
    const mode = textIn(row, 'pool_mode')
    const rate = rates.get(String(row.database))
    return {
      database: cleanName(String(row.database)),
      user: cleanName(String(row.user)),
      mode: mode === null ? null : cleanName(mode),
      max: database === undefined ? null : numberIn(database, 'pool_size'),
      min: database === undefined ? null : numberIn(database, 'min_pool_size'),
      inUse: countIn(row, 'sv_active') + countIn(row, 'sv_being_canceled'),
      // Unused for a while, or being checked: nobody has it.
      idle: countIn(row, 'sv_idle') + countIn(row, 'sv_used') + countIn(row, 'sv_tested'),
      connecting: countIn(row, 'sv_login'),
      waiting,
      oldestWaitMs: waiting === 0 ? null : waitMsIn(row, 'maxwait', 'maxwait_us'),
      clientsActive: linkedClients(row),
      // Counters are of a database: they are a pool's own where it is the only one.
      checkoutsPerSec: alone && rate !== undefined ? checkouts(rate, mode) : null,
      upstream: database === undefined ? null : upstreamOf(database, views.config),
      upstreamPids: pidsOf(row, views.servers),
    }
  })
}

function isEmpty(row: ConsoleRow): boolean {
  const clients = countIn(row, 'cl_active') + countIn(row, 'cl_waiting')
  return clients + countIn(row, 'sv_active') + countIn(row, 'sv_idle') + countIn(row, 'sv_login') === 0
}

/** How often a client got a connection: counted from 1.23 on, before that once a transaction or statement. */
function checkouts(rate: StatRates, mode: string | null): number | null {
  if (rate.assignmentsPerSec !== null) return rate.assignmentsPerSec
  if (mode === 'transaction') return rate.transactionsPerSec
  return mode === 'statement' ? rate.queriesPerSec : null
}

/** Where a database leads: host:port, or the path of a Unix socket in the folder that is set or else PgBouncer's own. */
function upstreamOf(database: ConsoleRow, config: ReadonlyMap<string, string>): string | null {
  const port = numberIn(database, 'port')
  const host = textIn(database, 'host') ?? config.get('unix_socket_dir') ?? ''
  if (port === null || host === '') return null
  if (host.startsWith('/')) return `${cleanName(host)}/.s.PGSQL.${port}`
  return `${cleanName(host.includes(':') && !host.startsWith('[') ? `[${host}]` : host)}:${port}`
}

function pidsOf(pool: ConsoleRow, servers: readonly ConsoleRow[]): number[] {
  return servers
    .filter((server) => server.database === pool.database && server.user === pool.user)
    .flatMap((server) => numberIn(server, 'remote_pid') ?? [])
    .filter((pid) => pid > 0)
}

/** Limits on databases and users where one is set, with what is used of each; of connections to servers, and to clients. */
export function toLimits({ pools, databases, config }: PoolViews): ConnectionLimit[] {
  const limits: ConnectionLimit[] = []
  for (const row of databases) {
    if (row.name === CONSOLE) continue
    const name = cleanName(String(row.name))
    add('database', name, numberIn(row, 'current_connections'), numberIn(row, 'max_connections'))
    const clients = numberIn(row, 'current_client_connections')
    add('database', `${name} (clients)`, clients, numberIn(row, 'max_client_connections'))
  }
  const perUser = Number(config.get('max_user_connections'))
  const users = new Map<string, number>()
  for (const row of pools) {
    if (row.database !== CONSOLE)
      users.set(String(row.user), (users.get(String(row.user)) ?? 0) + serversOf(row))
  }
  for (const [user, used] of users) add('user', cleanName(user), used, perUser)
  return limits

  function add(kind: ConnectionLimit['kind'], name: string, used: number | null, max: number | null) {
    // Zero is no limit.
    if (max !== null && max > 0) limits.push({ kind, name, used, max })
  }
}

/** Connections to servers that a pool has. */
export function serversOf(row: ConsoleRow): number {
  const columns = ['sv_active', 'sv_being_canceled', 'sv_idle', 'sv_used', 'sv_tested', 'sv_login']
  return columns.reduce((sum, column) => sum + countIn(row, column), 0)
}
