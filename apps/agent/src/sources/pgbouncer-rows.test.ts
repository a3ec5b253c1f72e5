import { describe, expect, it } from 'vitest'
import { countClients, toSessions } from './pgbouncer-clients.ts'
import { pgbouncerDetails } from './pgbouncer-details.ts'
import { toLimits, toPools } from './pgbouncer-pools.ts'
import { PgbouncerStats } from './pgbouncer-rates.ts'

const aPool = (over: Record<string, unknown> = {}) => ({
  database: 'shop',
  user: 'app',
  cl_active: 0,
  cl_waiting: 0,
  cl_active_cancel_req: 0,
  cl_waiting_cancel_req: 0,
  sv_active: 0,
  sv_active_cancel: 0,
  sv_being_canceled: 0,
  sv_idle: 0,
  sv_used: 0,
  sv_tested: 0,
  sv_login: 0,
  maxwait: 0,
  maxwait_us: 0,
  pool_mode: 'transaction',
  ...over,
})
/** As 1.24 has it; 1.18 says `reserve_pool`, and has no limits of clients. */
const aDatabase = (over: Record<string, unknown> = {}) => ({
  name: 'shop',
  host: 'db.internal',
  port: 5432,
  database: 'shop',
  force_user: null,
  pool_size: 5,
  min_pool_size: 0,
  reserve_pool_size: 3,
  server_lifetime: 3600,
  pool_mode: null,
  load_balance_hosts: null,
  max_connections: 0,
  current_connections: 2,
  max_client_connections: 50,
  current_client_connections: 7,
  paused: 0,
  disabled: 0,
  ...over,
})
const CONSOLE = aPool({ database: 'pgbouncer', user: 'pgbouncer', cl_active: 2, pool_mode: 'statement' })
const viewsOf = (pools: object[], databases: object[], config: Record<string, string> = {}) => ({
  pools: pools as Record<string, unknown>[],
  databases: databases as Record<string, unknown>[],
  servers: [],
  config: new Map(Object.entries(config)),
})

describe(countClients, () => {
  it('counts those with a server connection or waiting for one as active, and the console as other', () => {
    const pools = [
      CONSOLE,
      aPool({ cl_active: 10, sv_active: 3, cl_waiting: 2, cl_active_cancel_req: 1 }),
      aPool({ user: 'job', cl_active: 1, sv_active: 1 }),
    ]
    // active: 3 + 2 + 1; idle: 10 - 3; other: 2 of the console, 1 cancellation, 4 logins
    expect(countClients(pools, 4)).toEqual({
      active: 6,
      idle: 7,
      idleInTransaction: null,
      other: 7,
      total: 20,
    })
  })

  it('does not know the total without the logins', () => {
    expect(countClients([aPool({ cl_active: 1 })], null)).toMatchObject({ idle: 1, other: null, total: null })
  })
})

describe(toSessions, () => {
  const aClient = (over: Record<string, unknown>) => ({
    user: 'app',
    database: 'shop',
    state: 'active',
    addr: '10.0.0.9',
    connect_time: '2026-03-01 10:00:00 CET',
    request_time: '2026-03-01 10:00:05 CET',
    wait: 0,
    wait_us: 9,
    ptr: '0x10',
    link: '',
    application_name: 'web',
    ...over,
  })

  it('takes the number of a client where this version has one, else the address of its record', () => {
    expect(toSessions([aClient({ id: 7 }), aClient({})]).map(({ pid }) => pid)).toEqual([7, 16])
  })

  it('reads ages in the zone of the pooler', () => {
    const own = aClient({ database: 'pgbouncer', request_time: '2026-03-01 10:01:00 CET' })
    expect(toSessions([aClient({}), own]).map(({ connectedMs }) => connectedMs)).toEqual([60_000])
  })

  it('says who waits, and for how long', () => {
    const clients = [
      aClient({ id: 1, state: 'waiting', wait: 2, wait_us: 500_000 }),
      aClient({ id: 2, link: '0x99' }),
      aClient({ id: 3, state: 'idle' }),
      aClient({ id: 4, state: 'active_cancel_req' }),
    ]
    expect(toSessions(clients).map((one) => [one.pid, one.state, one.waitEvent, one.stateMs])).toEqual([
      [1, 'active', 'waiting for a server connection', 2500],
      [2, 'active', null, null],
      [3, 'idle', null, null],
    ])
  })

  it('gives a client of a Unix socket no address', () => {
    expect(toSessions([aClient({ addr: 'unix' })])[0]?.clientAddress).toBeNull()
  })
})

describe(toPools, () => {
  it('counts unused and tested server connections as idle, and waits to the microsecond', () => {
    const row = aPool({ sv_active: 1, sv_idle: 2, sv_used: 3, sv_tested: 4, sv_login: 5, cl_waiting: 6 })
    const views = viewsOf([CONSOLE, { ...row, maxwait: 1, maxwait_us: 250_000 }], [aDatabase()])
    expect(toPools(views, new Map())).toMatchObject([
      {
        inUse: 1,
        idle: 9,
        connecting: 5,
        waiting: 6,
        oldestWaitMs: 1250,
        max: 5,
        upstream: 'db.internal:5432',
      },
    ])
  })

  it.each([
    [{ host: null }, { unix_socket_dir: '/var/run/postgresql' }, '/var/run/postgresql/.s.PGSQL.5432'],
    [{ host: null }, { unix_socket_dir: '' }, null],
    [{ host: '/tmp' }, {}, '/tmp/.s.PGSQL.5432'],
    [{ host: 'fe80::1' }, {}, '[fe80::1]:5432'],
  ])('names where %o leads', (database, config, upstream) => {
    const views = viewsOf([aPool()], [aDatabase(database)], config)
    expect(toPools(views, new Map())[0]?.upstream).toBe(upstream)
  })

  it('leaves out what a client once misspelt', () => {
    expect(toPools(viewsOf([aPool({ database: 'shpo' })], [aDatabase()]), new Map())).toEqual([])
  })
})

describe(toLimits, () => {
  it('names those of databases and users, also of clients where this version has them', () => {
    const pools = [aPool({ sv_active: 2, sv_login: 1 }), aPool({ database: 'other', sv_idle: 4 })]
    const views = viewsOf(pools, [aDatabase({ max_connections: 30 })], { max_user_connections: '8' })
    expect(toLimits(views)).toEqual([
      { kind: 'database', name: 'shop', used: 2, max: 30 },
      { kind: 'database', name: 'shop (clients)', used: 7, max: 50 },
      { kind: 'user', name: 'app', used: 7, max: 8 },
    ])
  })
})

describe(pgbouncerDetails, () => {
  it.each([{ reserve_pool_size: 3 }, { reserve_pool_size: undefined, reserve_pool: 3 }])(
    'finds the reserve under either name',
    (columns) => {
      const views = { ...viewsOf([], [aDatabase(columns)]), lists: new Map() }
      const details = pgbouncerDetails(views, null).flatMap((group) => group.details)
      expect(details.find(({ name }) => name === 'reserve of shop')?.value).toBe(3)
    },
  )
})

describe(PgbouncerStats, () => {
  const aReading = (database: string, count: number, over: Record<string, unknown> = {}) => ({
    database,
    total_xact_count: String(count),
    total_query_count: String(2 * count),
    total_received: '0',
    total_sent: '0',
    total_xact_time: String(count * 40_000),
    total_query_time: String(count * 10_000),
    total_wait_time: String(count * 5_000),
    ...over,
  })

  it('knows nothing before the second reading', () => {
    const stats = new PgbouncerStats()
    stats.take([aReading('shop', 10)], 0)
    expect([stats.total, stats.rates.size]).toEqual([null, 0])
  })

  it('turns counters into rates and means, the console left out', () => {
    const stats = new PgbouncerStats()
    stats.take([aReading('shop', 10), aReading('pgbouncer', 0)], 0)
    stats.take([aReading('shop', 30), aReading('pgbouncer', 500)], 2000)
    expect(stats.total).toEqual({
      // 20 transactions of 2 queries in 2 s
      transactionsPerSec: 10,
      queriesPerSec: 20,
      receivedPerSec: 0,
      sentPerSec: 0,
      assignmentsPerSec: null,
      meanTransactionMs: 40,
      // 20 * 10 ms over 40 queries
      meanQueryMs: 5,
      meanWaitMs: 5,
      // (40 - 10) / 40
      idleInTransactionRatio: 0.75,
    })
  })

  it('counts waits per assignment where this version counts those', () => {
    const stats = new PgbouncerStats()
    stats.take([aReading('shop', 0, { total_server_assignment_count: '0' })], 0)
    stats.take([aReading('shop', 10, { total_server_assignment_count: '5' })], 1000)
    // 50 ms of waits for 5 server connections
    expect(stats.rates.get('shop')).toMatchObject({ assignmentsPerSec: 5, meanWaitMs: 10 })
  })

  it('has no rate of what went down or is new, and no mean of nothing', () => {
    const stats = new PgbouncerStats()
    stats.take([aReading('shop', 30), aReading('calm', 4)], 0)
    stats.take([aReading('shop', 10), aReading('calm', 4), aReading('new', 9)], 1000)
    expect([...stats.rates.keys()]).toEqual(['calm'])
    expect(stats.rates.get('calm')).toMatchObject({
      transactionsPerSec: 0,
      meanQueryMs: null,
      meanWaitMs: null,
    })
  })
})
