import { postgresVersions } from '@poolscope/testkit'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parseServerUrl } from '../src/config/parse-server-url.ts'
import { ConnectionBudget } from '../src/sources/connection-budget.ts'
import { postgresqlEngine } from '../src/sources/postgresql.ts'
import { ServerSource } from '../src/sources/server-source.ts'
import type { Source, SourceUpdate } from '../src/sources/source.ts'
import { PostgresServer } from './postgres-server.ts'
import { rewritingProxy } from './rewriting-proxy.ts'

const CANARY = 'canary-of-a-query'

/** A started source and what it said. */
class Watched {
  readonly updates: SourceUpdate[] = []
  readonly source: Source

  constructor(url: string, sessionLimit?: number) {
    const parsed = parseServerUrl(url, null)
    if ('problem' in parsed) throw new Error(parsed.problem)
    const env = { now: () => Date.now(), elapsedMs: () => performance.now(), random: Math.random }
    const engine = postgresqlEngine(parsed.target, env, sessionLimit)
    this.source = new ServerSource(parsed.target, engine, env, new ConnectionBudget())
    this.source.start((update) => this.updates.push(update))
  }

  /** What is wrong. A server that the machine kept from answering is asked again. */
  refused(): Promise<SourceUpdate> {
    return this.until(({ error }) => error !== null && error.code !== 'timeout')
  }

  /** The first update from now on that fits. */
  async until(fits: (update: SourceUpdate) => boolean, deadlineMs = 45_000): Promise<SourceUpdate> {
    const from = this.updates.length
    const endMs = Date.now() + deadlineMs
    for (;;) {
      const found = this.updates.slice(from).find(fits)
      if (found !== undefined) return found
      if (Date.now() > endMs)
        throw new Error(`Not seen; last: ${JSON.stringify(this.updates.at(-1))?.slice(0, 500)}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** The next sample, of so many connections where that is said: of who has left some may still go. */
  async sample(total?: number) {
    const { sample } = await this.until(
      ({ sample }) => sample !== null && (total === undefined || sample.connections.total === total),
    )
    if (sample === null) throw new Error('no sample')
    return sample
  }
}

let watched: Watched[] = []
const watch = (url: string, sessionLimit?: number) => {
  const one = new Watched(url, sessionLimit)
  watched.push(one)
  return one
}
afterEach(async () => {
  await Promise.all(watched.map(({ source }) => source.stop()))
  watched = []
})

const ROLES = `CREATE ROLE poolscope LOGIN PASSWORD 'monitor';
  GRANT pg_monitor TO poolscope;
  CREATE ROLE narrow LOGIN PASSWORD 'monitor' CONNECTION LIMIT 1;
  CREATE ROLE stranger LOGIN PASSWORD 'monitor';
  CREATE ROLE app LOGIN PASSWORD 'app'`

describe.each(postgresVersions())('PostgresqlSource on $label', (version) => {
  let server: PostgresServer
  let admin: pg.Client
  beforeAll(async () => {
    server = await PostgresServer.start(version)
    admin = await server.connect()
    await admin.query(ROLES)
  })
  afterAll(() => server.running.stop())

  const monitor = () => server.url('poolscope', 'monitor')
  let clients: pg.Client[] = []
  const app = async (name: string) => {
    const client = await server.connect(server.url('app', 'app'), name)
    clients.push(client)
    return client
  }
  afterEach(async () => {
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'")
    await Promise.all(clients.map((client) => client.end()))
    clients = []
    const left = "SELECT FROM pg_stat_activity WHERE usename = 'app'"
    await expect.poll(async () => (await admin.query(left)).rowCount, { timeout: 45_000 }).toBe(0)
  })

  it('counts sessions by what they do, and knows limits and version', async () => {
    const [busy, open, broken] = [await app('a'), await app('b'), await app('c')]
    await app('d')
    const sleep = busy.query(`SELECT pg_sleep(60) /* ${CANARY} */`).catch(() => {})
    await open.query(`BEGIN; SELECT '${CANARY}'`)
    await broken.query('BEGIN; SELECT 1/0').catch(() => {})
    // The statement is not waited for, and has to begin.
    const { sample } = await watch(monitor()).until(
      (update) => update.sample?.connections.total === 6 && update.sample.connections.active === 1,
    )
    if (sample === null) throw new Error('no sample')
    const { rows } = await admin.query<{ server_version: string }>('SHOW server_version')
    expect(rows[0]?.server_version).toContain(sample.version)
    expect(sample).toMatchObject({ maxConnections: 20, reservedConnections: 3, intervalMs: 1000 })
    // idle: the fourth client and the administrator; other: the source itself
    expect(sample.connections).toEqual({ active: 1, idle: 2, idleInTransaction: 2, other: 1, total: 6 })
    const byName = new Map(sample.sessions.map((session) => [session.application, session]))
    expect([...byName.keys()].sort()).toEqual(['a', 'b', 'c', 'd', 'test'])
    expect(byName.get('a')).toMatchObject({
      user: 'app',
      database: 'postgres',
      clientAddress: '127.0.0.1',
      state: 'active',
      waitEventType: 'Timeout',
      waitEvent: 'PgSleep',
    })
    expect(byName.get('b')).toMatchObject({ state: 'idle in transaction' })
    expect(byName.get('b')?.transactionMs).toBeGreaterThanOrEqual(0)
    expect(byName.get('d')?.transactionMs).toBeNull()
    expect(sample.startedAtMs).toBeLessThan(Date.now())
    expect(JSON.stringify(sample)).not.toContain(CANARY)
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'")
    await sleep
  })

  it('starts every statement with its name, and bounds what it may cost', async () => {
    const one = watch(monitor())
    await one.sample()
    await one.sample()
    await one.source.stop()
    const statements = server.log.match(/<poolscope> LOG: {2}(statement|execute).*/g) ?? []
    expect(statements.length).toBeGreaterThan(3)
    expect(statements.filter((text) => !/statement: \/\* poolscope \*\/ (SELECT|WITH) /.test(text))).toEqual(
      [],
    )
    expect(statements.some((text) => text.includes('set_config'))).toBe(true)
  })

  it('counts all sessions when it lists only some', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await app(name)
    const sample = await watch(monitor(), 3).sample(6)
    expect(sample.sessions).toHaveLength(3)
    expect(sample.connections).toMatchObject({ idle: 5, other: 1, total: 6 })
  })

  it('counts what it may not read as other', async () => {
    const sample = await watch(server.url('stranger', 'monitor')).sample(2)
    // the administrator's session, and its own
    expect(sample.connections).toEqual({ active: 0, idle: 0, idleInTransaction: 0, other: 2, total: 2 })
    expect(sample.sessions).toMatchObject([{ state: 'unknown', stateMs: null, connectedMs: null }])
  })

  it('reports over a Unix socket', async () => {
    const one = watch(server.socketUrl('poolscope', 'monitor'))
    const { sessions } = await one.sample()
    expect(sessions).toHaveLength(1)
    expect(one.source.address).toMatch(/^\/.*\/\.s\.PGSQL\.\d+$/)
    expect(one.source.id).toMatch(/^[A-Za-z0-9._-]+$/)
  })

  it('tells the limit of its own role from a full server', async () => {
    const taken = await server.connect(server.url('narrow', 'monitor'))
    const { error, state } = await watch(server.url('narrow', 'monitor')).refused()
    expect({ state, code: error?.code }).toEqual({ state: 'refused', code: 'role_limit' })
    await taken.end()
  })

  it.each([
    ['a wrong password', () => server.url('poolscope', CANARY), 'auth_failed'],
    ['a role that is missing', () => server.url(`role-${CANARY.slice(0, 6)}`, CANARY), 'auth_failed'],
    ['a missing database', () => server.url('poolscope', 'monitor', 'nowhere'), 'database_missing'],
    ['a server without TLS', () => `${server.url('poolscope', 'monitor')}?sslmode=require`, 'tls_failed'],
    ['nobody listening', () => server.url('poolscope', 'monitor', 'postgres', 1), 'connection_refused'],
    ['an unknown host', () => 'postgresql://u:p@nowhere.invalid/db', 'host_not_found'],
  ])('names %s, and no secret', async (_, url, code) => {
    const { error, sample } = await watch(url()).refused()
    expect(error?.code).toBe(code)
    expect(sample).toBeNull()
    expect(error?.message).not.toContain(CANARY)
  })

  it('leaves the settings of a shared session alone behind a pooler', async () => {
    // A pooler announces a process id of its own: 'K', length 12, then the id.
    const key = Buffer.from([0x4b, 0, 0, 0, 12])
    const proxy = await rewritingProxy(server.running.port, (data) => {
      const at = data.indexOf(key)
      if (at !== -1) data.writeInt32BE(1, at + key.length)
      return data
    })
    const from = server.log.length
    const one = watch(server.url('poolscope', 'monitor', 'postgres', proxy.port))
    await one.sample()
    await one.source.stop()
    expect(server.log.slice(from)).toContain('/* poolscope */ SELECT pid')
    expect(server.log.slice(from)).not.toContain('set_config')
    await proxy.close()
  })
})
