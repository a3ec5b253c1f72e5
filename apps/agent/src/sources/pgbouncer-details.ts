import type { Detail, DetailGroup } from '@poolscope/protocol'
import { cleanName } from './clean-name.ts'
import { CONSOLE } from './pgbouncer-clients.ts'
import { type ConsoleRow, countIn, numberIn, textIn, waitMsIn } from './pgbouncer-console.ts'
import { type PoolViews, serversOf } from './pgbouncer-pools.ts'
import type { StatRates } from './pgbouncer-rates.ts'

/** Most databases with something to say. */
const DATABASES_LIMIT = 50

/** Settings that decide how long a client waits and how long a connection lives. Seconds there, ms here. */
const DURATIONS: Record<string, string> = {
  query_wait_timeout: 'A client that waits longer for a server connection is cut off; 0 never.',
  reserve_pool_timeout: 'A wait this long opens the reserve.',
  server_lifetime: 'A server connection that is older and not in use is closed.',
  server_idle_timeout: 'A server connection that idles longer is closed; 0 never.',
  server_connect_timeout: 'A server that takes longer to log in is given up.',
  server_login_retry: 'Pause after a login that a server refused; clients wait for its end.',
  client_idle_timeout: 'A client that idles longer is cut off; 0 never.',
  idle_transaction_timeout: 'A client that idles longer in its transaction is cut off; 0 never.',
  query_timeout: 'A query that runs longer is ended; 0 never.',
}

const COUNTS: Record<string, string> = {
  max_client_conn: 'Clients that are let in, over all databases.',
  default_pool_size: 'Server connections of a pool where its database sets none.',
  min_pool_size: 'Server connections that a pool keeps open where its database sets none.',
  reserve_pool_size: 'Server connections beyond the pool’s size for clients that wait too long.',
  max_db_connections: 'Server connections of a database over all its users; 0 is no limit.',
  max_user_connections: 'Server connections of a user over all databases; 0 is no limit.',
  max_prepared_statements:
    'Prepared statements kept for each server connection; 0 or missing: not supported.',
}

/** Numbers that only a PgBouncer has. */
export function pgbouncerDetails(
  views: PoolViews & { lists: ReadonlyMap<string, number> },
  total: StatRates | null,
): DetailGroup[] {
  return [
    clients(views, total),
    work(total),
    servers(views),
    settings(views.config),
    databases(views.databases),
  ]
}

function clients(
  { pools, lists }: { pools: readonly ConsoleRow[]; lists: ReadonlyMap<string, number> },
  total: StatRates | null,
): DetailGroup {
  const waiting = pools.filter((row) => countIn(row, 'cl_waiting') > 0)
  const waits = waiting.flatMap((row) => waitMsIn(row, 'maxwait', 'maxwait_us') ?? [])
  return {
    title: 'Clients',
    details: [
      count(
        'waiting clients',
        sum(pools, 'cl_waiting'),
        'They asked for something and have no server connection yet.',
      ),
      ms(
        'oldest wait',
        waits.length === 0 ? null : Math.max(...waits),
        'Of the clients that wait now; none when nobody does.',
      ),
      ms(
        'mean wait',
        total?.meanWaitMs ?? null,
        'Of the clients that got a server connection since the last sample.',
      ),
      count('logging in', lists.get('login_clients') ?? null, 'Clients that are not let in yet.'),
    ],
  }
}

function work(total: StatRates | null): DetailGroup {
  return {
    title: 'Work since the last sample',
    details: [
      perSec('transactions', total?.transactionsPerSec ?? null, 'Over all databases.'),
      perSec('queries', total?.queriesPerSec ?? null, 'Over all databases.'),
      perSec('received', total?.receivedPerSec ?? null, 'Bytes from clients.'),
      perSec('sent', total?.sentPerSec ?? null, 'Bytes to clients.'),
      ms(
        'mean transaction',
        total?.meanTransactionMs ?? null,
        'For so long a client keeps a server connection.',
      ),
      ms('mean query', total?.meanQueryMs ?? null, 'For so long the server works.'),
      {
        name: 'idle in transaction',
        value: total?.idleInTransactionRatio ?? null,
        unit: 'ratio',
        note: 'Share of the time in transactions in which clients ran no query and kept a server connection.',
      },
    ],
  }
}

function servers({ pools }: PoolViews): DetailGroup {
  const own = pools.filter((row) => row.database !== CONSOLE)
  return {
    title: 'Server connections',
    details: [
      count(
        'open',
        own.reduce((all, row) => all + serversOf(row), 0),
        'Over all pools.',
      ),
      count('in use', sum(own, 'sv_active'), 'A client has it.'),
      count('idle', sum(own, 'sv_idle'), 'Ready for the next client.'),
      count(
        'unused',
        sum(own, 'sv_used'),
        'Idle for so long that it is checked before the next client gets it.',
      ),
      count('tested', sum(own, 'sv_tested'), 'Being reset or checked.'),
      count('logging in', sum(own, 'sv_login'), 'Being opened.'),
      count(
        'cancelling',
        sum(own, 'sv_active_cancel'),
        'Carries a cancellation to a server, beside the pool.',
      ),
    ],
  }
}

function settings(config: ReadonlyMap<string, string>): DetailGroup {
  const details: Detail[] = [
    text(
      'pool_mode',
      config.get('pool_mode') ?? null,
      'When a client gives its server connection back, where its database sets none.',
    ),
  ]
  for (const [name, note] of Object.entries(COUNTS)) {
    if (config.has(name)) details.push(count(name, numberOf(config.get(name)), note))
  }
  for (const [name, note] of Object.entries(DURATIONS)) {
    const seconds = numberOf(config.get(name))
    if (config.has(name)) details.push(ms(name, seconds === null ? null : seconds * 1000, note))
  }
  return { title: 'Settings', details }
}

/** What databases say for themselves: that they are held up, and their own reserve. */
function databases(rows: readonly ConsoleRow[]): DetailGroup {
  const own = rows.filter((row) => row.name !== CONSOLE)
  const held = own.flatMap((row): Detail[] => {
    const name = cleanName(textIn(row, 'name') ?? '')
    if (isSet(row, 'disabled')) return [text(name, 'disabled', 'New clients are refused until ENABLE.')]
    return isSet(row, 'paused') ? [text(name, 'paused', 'Clients wait until RESUME.')] : []
  })
  const reserves = own.flatMap((row): Detail[] => {
    const reserve = numberIn(row, 'reserve_pool_size') ?? numberIn(row, 'reserve_pool')
    const name = `reserve of ${cleanName(textIn(row, 'name') ?? '')}`
    return reserve === null || reserve <= 0
      ? []
      : [count(name, reserve, 'Server connections beyond the size of each of its pools.')]
  })
  const state =
    held.length === 0 ? [text('paused or disabled', 'none', 'No database is held up by hand.')] : held
  return { title: 'Databases', details: [...state, ...reserves].slice(0, DATABASES_LIMIT) }
}

const isSet = (row: ConsoleRow, column: string) => numberIn(row, column) === 1

function sum(rows: readonly ConsoleRow[], column: string): number {
  return rows.reduce((all, row) => all + countIn(row, column), 0)
}

function numberOf(value: string | undefined): number | null {
  return value === undefined || value === '' || Number.isNaN(Number(value)) ? null : Number(value)
}

const detail = (unit: Detail['unit']) => (name: string, value: Detail['value'], note: string) => ({
  name,
  value,
  unit,
  note,
})
const count = detail('count')
const ms = detail('ms')
const perSec = detail('perSec')
const text = detail('text')
