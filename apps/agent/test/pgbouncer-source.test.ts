import { eventually, postgresVersions, type RunningPgBouncer, startPgBouncer } from '@poolscope/testkit'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parseServerUrl } from '../src/config/parse-server-url.ts'
import { ConnectionBudget } from '../src/sources/connection-budget.ts'
import { pgbouncerEngine } from '../src/sources/pgbouncer.ts'
import { ServerSource } from '../src/sources/server-source.ts'
import type { ServerSample, SourceUpdate } from '../src/sources/source.ts'

const [version] = postgresVersions()
type Postgres = Awaited<ReturnType<typeof version.start>>

/** A started source and what it said. */
class Watched {
  readonly updates: SourceUpdate[] = []
  readonly source: ServerSource

  constructor(url: string, longestList?: number) {
    const parsed = parseServerUrl(url, null)
    if ('problem' in parsed) throw new TypeError(parsed.problem)
    const env = { now: Date.now, elapsedMs: () => performance.now(), random: Math.random }
    const engine = pgbouncerEngine(parsed.target, env, longestList)
    this.source = new ServerSource(parsed.target, engine, env, new ConnectionBudget())
    this.source.start((update) => this.updates.push(update))
  }

  async until(fits: (update: SourceUpdate) => boolean): Promise<SourceUpdate> {
    const from = this.updates.length
    return eventually(() => this.updates.slice(from).find(fits) ?? false)
  }

  /** What is wrong. A server that the machine kept from answering is asked again. */
  refused(): Promise<SourceUpdate> {
    return this.until(({ error }) => error !== null && error.code !== 'timeout')
  }

  /** The first sample from now on that fits. */
  async sample(fits: (sample: ServerSample) => boolean = () => true): Promise<ServerSample> {
    const { sample } = await this.until((update) => update.sample !== null && fits(update.sample))
    return sample as ServerSample
  }
}

let postgres: Postgres
let pooler: RunningPgBouncer
beforeAll(async () => {
  postgres = await version.start({
    maxConnections: 30,
    settings: { unix_socket_directories: '/tmp' },
  })
  const { host, port, user, password } = postgres
  const upstream = `host=${host} port=${port} dbname=postgres`
  const login = `user=${user} password=${password}`
  pooler = await startPgBouncer({
    databases: {
      shop: `${upstream} ${login} pool_size=4 reserve_pool=2 min_pool_size=1`,
      reports: `${upstream} ${login} pool_mode=session max_db_connections=7`,
      local: 'dbname=postgres',
      socket: `host=/tmp port=${port} dbname=postgres ${login}`,
    },
    users: { poolscope: 'watch', boss: 'rule', app: 'work' },
    statsUsers: ['poolscope'],
    settings: {
      pool_mode: 'transaction',
      admin_users: 'boss',
      max_user_connections: '9',
      max_client_conn: '40',
    },
  })
})
afterAll(async () => {
  await pooler?.stop()
  await postgres?.stop()
})

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})
const watch = (url = watchUrl('poolscope'), longestList?: number) => {
  const one = new Watched(url, longestList)
  cleanups.push(() => one.source.stop())
  return one
}
const connect = async (user: string, database: string, application = 'web') => {
  const client = new Client({ connectionString: pooler.url(user, database), application_name: application })
  client.on('error', () => {})
  await client.connect()
  cleanups.push(() => client.end())
  return client
}
const watchUrl = (user: string) => pooler.url(user, '').replace('postgresql:', 'pgbouncer:')
const value = (sample: ServerSample, title: string, name: string) =>
  sample.details.find((group) => group.title === title)?.details.find((detail) => detail.name === name)?.value

/** Whether it counts the server connections that it gives to clients, as from 1.23 on. */
const countsAssignments = ({ version }: ServerSample) => Number(version?.split('.')[1]) >= 23

describe(pgbouncerEngine, () => {
  it('tells of each pool its mode, its sizes, where it leads and by which sessions', async () => {
    const one = watch()
    const client = await connect('app', 'shop')
    await client.query('BEGIN')
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
    const idle = await connect('app', 'reports')
    await idle.query('SELECT 1')
    const reports = ({ pools }: ServerSample) => pools.find(({ database }) => database === 'reports')
    const sample = await one.sample(
      (seen) =>
        seen.pools.some(({ upstreamPids }) => upstreamPids.includes(rows[0].pid)) &&
        (!countsAssignments(seen) || typeof reports(seen)?.checkoutsPerSec === 'number'),
    )
    expect(sample.version).toMatch(/^1\.\d+\.\d+$/)
    expect(sample.maxConnections).toBe(40)
    expect(sample.pools.find(({ database }) => database === 'shop')).toMatchObject({
      user: 'postgres',
      mode: 'transaction',
      max: 4,
      min: 1,
      inUse: 1,
      connecting: 0,
      waiting: 0,
      oldestWaitMs: null,
      clientsActive: 1,
      upstream: `127.0.0.1:${postgres.port}`,
    })
    // A client keeps its server connection for as long as it is there.
    expect(reports(sample)).toMatchObject({ mode: 'session', max: 20, inUse: 1 })
    if (!countsAssignments(sample)) expect(reports(sample)?.checkoutsPerSec).toBeNull()
    expect(sample.connections).toEqual({ active: 2, idle: 0, idleInTransaction: null, other: 1, total: 3 })
  })

  it('names the sessions behind a Unix socket too', async () => {
    const one = watch()
    const client = await connect('app', 'socket')
    await client.query('BEGIN')
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
    const upstream = `/tmp/.s.PGSQL.${postgres.port}`
    const led = ({ pools }: ServerSample) => pools.filter((pool) => pool.upstream === upstream)
    const sample = await one.sample((taken) => led(taken).some(({ upstreamPids }) => upstreamPids.length > 0))
    expect(led(sample).map(({ upstreamPids }) => upstreamPids)).toEqual([[rows[0].pid]])
  })

  it('tells how long clients have been there by the clock of the pooler', async () => {
    const one = watch()
    const beforeMs = Date.now()
    const client = await connect('app', 'shop', 'long')
    await client.query('SELECT 1')
    const aged = ({ sessions }: ServerSample) =>
      sessions.some(({ application, connectedMs }) => application === 'long' && Number(connectedMs) >= 2000)
    const { sessions } = await one.sample(aged)
    expect(sessions).toEqual([
      expect.objectContaining({
        application: 'long',
        user: 'app',
        database: 'shop',
        clientAddress: '127.0.0.1',
        state: 'idle',
        waitEvent: null,
        stateMs: null,
        transactionMs: null,
      }),
    ])
    // Told in whole seconds.
    expect(sessions[0]?.connectedMs).toBeLessThanOrEqual(Date.now() - beforeMs + 1000)
  })

  it('turns counters into rates and means', async () => {
    const one = watch()
    const client = await connect('app', 'shop')
    let working = true
    const work = (async () => {
      while (working) await client.query('SELECT pg_sleep(0.02)')
    })()
    // 20 ms a query, one at a time: at most 50 a second. A stall between counter and clock makes one rate wrong.
    const rateOf = (taken: ServerSample) => Number(value(taken, WORK, 'queries'))
    const sample = await one.sample((taken) => rateOf(taken) > 5 && rateOf(taken) <= 51)
    working = false
    await work
    const perSec = rateOf(sample)
    expect(value(sample, WORK, 'transactions')).toBe(perSec)
    expect(value(sample, WORK, 'mean query')).toBeGreaterThanOrEqual(19)
    expect(value(sample, WORK, 'idle in transaction')).toBe(0)
    expect(sample.pools.find(({ database }) => database === 'shop')?.checkoutsPerSec).toBe(perSec)
  })

  it('names limits where one is set, with what is used of each', async () => {
    const client = await connect('app', 'reports')
    await client.query('SELECT 1')
    const { limits } = await watch().sample((sample) => sample.connections.active === 1)
    expect(limits).toContainEqual({ kind: 'database', name: 'reports', used: 1, max: 7 })
    expect(limits.filter(({ kind, name }) => kind === 'database' && name !== 'reports')).toEqual([])
    const user = limits.find(({ kind }) => kind === 'user')
    expect(user).toMatchObject({ name: 'postgres', max: 9 })
    expect(user?.used).toBeGreaterThanOrEqual(1)
  })

  it('shows settings, the reserve and databases that are paused', async () => {
    const one = watch()
    const before = await one.sample()
    expect(value(before, 'Settings', 'pool_mode')).toBe('transaction')
    expect(value(before, 'Settings', 'query_wait_timeout')).toBe(120_000)
    expect(value(before, 'Databases', 'reserve of shop')).toBe(2)
    expect(value(before, 'Databases', 'paused or disabled')).toBe('none')
    const boss = await connect('boss', 'pgbouncer')
    await boss.query('PAUSE local')
    cleanups.push(() => boss.query('RESUME local'))
    await one.sample((sample) => value(sample, 'Databases', 'local') === 'paused')
  })

  it('counts all when there are more clients than it lists', async () => {
    for (let i = 0; i < 3; i++) await connect('app', 'shop')
    // Of who has left some may still go.
    const sample = await watch(watchUrl('poolscope'), 2).sample(({ connections }) => connections.total === 4)
    expect(sample.connections).toMatchObject({ idle: 3 })
    expect(sample.sessions).toEqual([])
  })

  it('reads through a Unix socket', async () => {
    const { socketDir, port } = pooler
    const one = watch(`pgbouncer://poolscope:watch@/?host=${encodeURIComponent(socketDir)}&port=${port}`)
    expect(one.source.address).toBe(`${socketDir}/.s.PGSQL.${port}`)
    await one.sample(({ connections }) => connections.total === 1)
  })

  it('says how to let a user in who may not read the console', async () => {
    const { error, state } = await watch(watchUrl('app')).refused()
    expect({ code: error?.code, state }).toEqual({ code: 'permission_denied', state: 'denied' })
    expect(error?.message).toContain('stats_users = app')
  })

  it('says that a database server is no PgBouncer', async () => {
    const url = postgres.url.replace('postgresql:', 'pgbouncer:')
    const { error, state } = await watch(url).refused()
    expect({ code: error?.code, state }).toEqual({ code: 'database_missing', state: 'denied' })
    expect(error?.message).toContain('not a PgBouncer')
  })

  it('advises a user who may do more than read', async () => {
    const roles = await Promise.all(
      ['poolscope', 'boss'].map(async (user) => {
        const parsed = parseServerUrl(watchUrl(user), null)
        if ('problem' in parsed) throw new TypeError(parsed.problem)
        const env = { now: Date.now, elapsedMs: () => performance.now(), random: Math.random }
        const session = await pgbouncerEngine(parsed.target, env).open(new AbortController().signal)
        const [role] = await session.check()
        await session.close()
        return role?.state
      }),
    )
    expect(roles).toEqual(['ok', 'advice'])
  })
})

const WORK = 'Work since the last sample'
