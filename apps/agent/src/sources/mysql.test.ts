import { connect } from 'node:net'
import {
  eventually,
  LITERAL_CANARY,
  MYSQL_WATCHER_SQL,
  PASSWORD_CANARY,
  type RunningMysql,
  type Stalls,
  startMariadb,
  startTcpProxy,
  watchStalls,
} from '@poolscope/testkit'
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2/promise'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { detailOf, targetOf, Watched } from '../../test/watched.ts'
import { checkServer } from './check-server.ts'
import { mysqlEngine } from './mysql.ts'
import { isStatementEnded } from './mysql-errors.ts'
import { flavorOf } from './mysql-flavor.ts'
import { MysqlSession } from './mysql-session.ts'
import { parseMysqlUrl } from './mysql-url.ts'
import type { ServerSample } from './source.ts'

const APP = { user: 'app', password: 'app-password' }
const SHOP_SQL = [
  'CREATE DATABASE shop',
  'CREATE TABLE shop.orders (id INT PRIMARY KEY, label VARCHAR(50))',
  "INSERT INTO shop.orders VALUES (1, 'a'), (2, 'b')",
  `CREATE USER ${APP.user}@'%' IDENTIFIED BY '${APP.password}'`,
  `GRANT ALL ON shop.* TO ${APP.user}@'%'`,
]

let cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanups.toReversed()) await clean()
  cleanups = []
})

async function prepare(server: RunningMysql): Promise<void> {
  for (const sql of [...MYSQL_WATCHER_SQL, ...SHOP_SQL]) await server.ask(sql)
}

/** A server for one test. */
async function start(settings: Record<string, string>, door = false): Promise<RunningMysql> {
  const server = await startMariadb({ settings, door })
  cleanups.push(() => server.stop())
  await prepare(server)
  return server
}

function watch(url: string): Watched {
  const one = new Watched(url)
  cleanups.push(() => one.source.stop())
  return one
}

/** A connection of an application, which is cut off after the test. */
async function client(
  { host, port }: { host: string; port: number },
  program: string,
  over: ConnectionOptions = {},
): Promise<Connection> {
  const connectAttributes = { program_name: program }
  const connection = await createConnection({
    host,
    port,
    ...APP,
    database: 'shop',
    connectAttributes,
    ...over,
  })
  connection.on('error', () => {})
  cleanups.push(() => connection.destroy())
  return connection
}

/** Takes every place that the application may have; the places are its own until the test ends. */
async function fill(server: RunningMysql): Promise<number> {
  for (let n = 0; ; n++) {
    try {
      await client(server, 'filler')
    } catch (error) {
      expect(error).toMatchObject({ errno: 1040 })
      return n
    }
  }
}

function stallsOf(): Stalls {
  const stalls = watchStalls()
  cleanups.push(() => stalls.stop())
  return stalls
}

const watcherUrl = ({ host, port }: { host: string; port: number }) =>
  `mariadb://watcher:${PASSWORD_CANARY}@${host}:${port}`
const check = (url: string) => checkServer(targetOf(url), new AbortController().signal)

describe('a MariaDB', () => {
  let server: RunningMysql
  let beforeMs: number
  beforeAll(async () => {
    beforeMs = Date.now()
    server = await startMariadb({
      settings: {
        'max-connections': '40',
        'max-user-connections': '30',
        'wait-timeout': '300',
        'log-bin': 'log',
        'server-id': '1',
      },
    })
    await prepare(server)
    return () => server.stop()
  })

  it('tells its version, its limit, its settings and when it started', async () => {
    const sample = await watch(watcherUrl(server)).sample()
    expect(sample).toMatchObject({ maxConnections: 40, reservedConnections: 0, pools: [], peers: [] })
    expect(sample.version).toMatch(/^1\d\.\d+\.\d+$/)
    // Told in whole seconds.
    expect(sample.startedAtMs).toBeGreaterThan(beforeMs - 2000)
    expect(sample.startedAtMs).toBeLessThan(Date.now() + 2000)
    expect(detailOf(sample, 'Settings', 'server')).toBe('MariaDB')
    expect(detailOf(sample, 'Settings', 'wait_timeout')).toBe(300_000)
    expect(detailOf(sample, 'Settings', 'performance_schema')).toBe('on')
    expect(detailOf(sample, 'Settings', 'extra_port')).toBe(0)
    expect(detailOf(sample, 'Settings', 'max_user_connections')).toBe(30)
    expect(detailOf(sample, 'Threads', 'Threads_connected')).toBe(sample.connections.total)
    expect(detailOf(sample, 'Threads', 'Max_used_connections')).toBeGreaterThan(0)
  })

  it('tells what each session does, by the name that its program gave', async () => {
    const holder = await client(server, 'orders')
    await holder.query('START TRANSACTION')
    await holder.query("UPDATE orders SET label = 'held' WHERE id = 1")
    const blocked = await client(server, 'billing')
    blocked.query(`UPDATE orders SET label = '${LITERAL_CANARY}' WHERE id = 1`).catch(() => {})
    const begun = await client(server, 'begun')
    // Nothing is open before a table is touched.
    await begun.query('START TRANSACTION')
    const nameless = await client(server, '', { database: 'mysql', user: 'root', password: '' })
    await nameless.query('SELECT 1')
    const one = watch(watcherUrl(server))
    const sample = await one.sample(
      (now) =>
        now.connections.total === 5 &&
        now.connections.idleInTransaction === 1 &&
        now.sessions.some(({ waitEventType }) => waitEventType === 'Lock'),
    )
    expect(sample.connections).toEqual({ active: 1, idle: 2, idleInTransaction: 1, other: 1, total: 5 })
    const session = (pid: number | null) => sample.sessions.find((each) => each.pid === pid)
    const shop = { user: 'app', database: 'shop', clientAddress: '127.0.0.1', connectedMs: null }
    expect(session(holder.threadId)).toMatchObject({
      ...shop,
      application: 'orders',
      state: 'idle in transaction',
      waitEvent: null,
    })
    expect(session(holder.threadId)?.transactionMs).toBeGreaterThanOrEqual(0)
    expect(session(blocked.threadId)).toMatchObject({
      ...shop,
      application: 'billing',
      state: 'active',
      waitEventType: 'Lock',
      waitEvent: 'row lock',
    })
    expect(session(nameless.threadId)).toMatchObject({ application: '', user: 'root', state: 'idle' })
    expect(detailOf(sample, 'Activity', 'waiting for a row lock')).toBe(1)
    expect(detailOf(sample, 'Activity', 'oldest idle in transaction')).toBeGreaterThanOrEqual(0)
    expect(detailOf(sample, 'Activity', 'longest running statement')).toBeGreaterThanOrEqual(0)
    expect(JSON.stringify(one.updates)).not.toContain(LITERAL_CANARY)
  })

  it('counts replicas and unfinished logins, and takes neither for an application', async () => {
    const { host, port } = server
    const replica = await startMariadb({ settings: { 'server-id': '2' } })
    cleanups.push(() => replica.stop())
    await replica.ask(
      `CHANGE MASTER TO MASTER_HOST = '${host}', MASTER_PORT = ${port}, MASTER_USER = 'root', MASTER_USE_GTID = slave_pos`,
    )
    await replica.ask('START SLAVE')
    cleanups.push(() => replica.ask('STOP SLAVE'))
    const socket = connect({ host, port })
    socket.on('error', () => {})
    cleanups.push(() => socket.destroy())
    // A replica logs in first, too.
    const above = await watch(watcherUrl(server)).sample(
      (sample) =>
        sample.connections.other === 3 &&
        detailOf(sample, 'Activity', 'replicas') === 1 &&
        detailOf(sample, 'Activity', 'unfinished logins') === 1,
    )
    expect(above.connections).toEqual({ active: 0, idle: 0, idleInTransaction: 0, other: 3, total: 3 })
    expect(above.sessions).toEqual([])
    // Threads that apply what comes take no place of a client.
    const below = await watch(`mariadb://root@${replica.host}:${replica.port}`).sample(
      ({ connections }) => connections.total === 1,
    )
    expect(below.connections).toEqual({ active: 0, idle: 0, idleInTransaction: 0, other: 1, total: 1 })
    const threads = "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'system user'"
    expect((await replica.ask(threads)).length).toBeGreaterThanOrEqual(2)
  })

  it('counts connects, refused ones among them, by the second', async () => {
    const one = watch(watcherUrl(server))
    await one.sample()
    const login = { host: server.host, port: server.port, ...APP, password: 'wrong' }
    for (let i = 0; i < 4; i++) await expect(createConnection(login)).rejects.toMatchObject({ errno: 1045 })
    const sample = await one.sample((now) => Number(detailOf(now, 'Rates', 'Aborted_connects')) > 0)
    const rate = (name: string) => Number(detailOf(sample, 'Rates', name))
    // A tick is a second, or a little more where the machine is busy.
    expect(rate('Aborted_connects')).toBeLessThanOrEqual(4.4)
    expect(rate('Connections')).toBeGreaterThanOrEqual(rate('Aborted_connects'))
    expect(rate('Access_denied_errors')).toBeGreaterThan(0)
    expect(rate('Questions')).toBeGreaterThan(0)
  })

  it('counts statements by digest, without literals, and begins anew when the server does', async () => {
    const app = await client(server, 'orders')
    const run = async (times: number) => {
      for (let i = 0; i < times; i++)
        await app.query(`SELECT label FROM orders WHERE id = 2 AND label <> '${LITERAL_CANARY}'`)
    }
    await run(2)
    const one = watch(watcherUrl(server))
    const ours = ({ statements }: ServerSample) =>
      statements?.statements.find(({ text }) => /SELECT .*label.* FROM .*orders/i.test(text))
    /** A sample that was being taken while they ran knows some of them. */
    const read = async (calls: number) => {
      const sample = await one.sample((taken) => ours(taken)?.calls === calls)
      return { statements: sample.statements, found: ours(sample) }
    }
    const first = await read(2)
    expect(first.statements).toMatchObject({ source: 'performance_schema', complete: true })
    expect(first.found).toMatchObject({ calls: 2, rows: 2, database: 'shop', user: null, p95Ms: null })
    expect(first.found?.totalMs).toBeGreaterThan(0)
    await run(3)
    const second = await read(5)
    expect(second.found).toMatchObject({ id: first.found?.id, calls: 5, rows: 5 })
    expect(second.statements?.epoch).toBe(first.statements?.epoch)
    await server.ask('TRUNCATE TABLE performance_schema.events_statements_summary_by_digest')
    await run(1)
    const third = await read(1)
    expect(third.found).toMatchObject({ id: first.found?.id, calls: 1 })
    expect(third.statements?.epoch).not.toBe(first.statements?.epoch)
    const said = JSON.stringify(one.updates)
    expect(said).not.toContain(LITERAL_CANARY)
    // Its own statements are not among them.
    expect(said).not.toMatch(/innodb_trx|session_connect_attrs/i)
  })

  it('lists limits of accounts, their own before that of all', async () => {
    await server.ask("CREATE USER small@'%' IDENTIFIED BY 'small' WITH MAX_USER_CONNECTIONS 2")
    await server.ask("CREATE USER twin@'10.%', twin@'%' IDENTIFIED BY 'twin' WITH MAX_USER_CONNECTIONS 7")
    cleanups.push(() => server.ask("DROP USER small@'%', twin@'10.%', twin@'%'"))
    await client(server, 'small', { user: 'small', password: 'small', database: 'information_schema' })
    const { limits } = await watch(watcherUrl(server)).sample(({ connections }) => connections.total === 2)
    expect(limits).toContainEqual({ kind: 'user', name: 'small@%', used: 1, max: 2 })
    // Its own connection.
    expect(limits).toContainEqual({ kind: 'user', name: 'watcher@%', used: 1, max: 8 })
    // A session does not tell which of the two let it in.
    expect(limits).toContainEqual({ kind: 'user', name: 'twin@%', used: null, max: 7 })
    expect(limits).toContainEqual({ kind: 'user', name: 'app@%', used: 0, max: 30 })
  })

  it('says so when its user has as many connections as it may', async () => {
    await server.ask("CREATE USER single@'%' IDENTIFIED BY 'single' WITH MAX_USER_CONNECTIONS 1")
    cleanups.push(() => server.ask("DROP USER single@'%'"))
    const url = `mariadb://single:single@${server.host}:${server.port}`
    await watch(url).sample()
    const refused = await watch(url).refused()
    expect(refused).toMatchObject({ state: 'refused', error: { code: 'role_limit' } })
    expect(refused.error?.message).toContain('ALTER USER `single`@`%` WITH MAX_USER_CONNECTIONS')
  })

  it('knows the total alone without the right to see others', async () => {
    await server.ask("CREATE USER blind@'%' IDENTIFIED BY 'blind'")
    cleanups.push(() => server.ask("DROP USER blind@'%'"))
    await client(server, 'orders')
    const sample = await watch(`mariadb://blind:blind@${server.host}:${server.port}`).sample(
      ({ connections }) => connections.total === 2,
    )
    expect(sample.connections).toEqual({
      active: null,
      idle: null,
      idleInTransaction: null,
      other: null,
      total: 2,
    })
    expect(sample.sessions).toEqual([])
    expect(sample.details.map(({ title }) => title)).not.toContain('Activity')
    expect(detailOf(sample, 'Settings', 'performance_schema')).toBe('may not be read')
    expect(sample.statements).toMatchObject({ source: 'sampled' })
  })

  it('lists a part of very many sessions, and counts all of them', async () => {
    for (let i = 0; i < 4; i++) await client(server, 'many')
    const env = { now: Date.now, random: Math.random, elapsedMs: () => performance.now() }
    const session = await mysqlEngine('mariadb')(targetOf(watcherUrl(server)), env, 2).open(
      new AbortController().signal,
    )
    cleanups.push(() => session.close())
    await eventually(async () => {
      const sample = await session.sample([])
      expect(sample.connections).toMatchObject({ idle: 4, other: 1, total: 5 })
      expect(sample.sessions).toHaveLength(2)
    })
  })

  it('is reached over its Unix socket', async () => {
    const path = encodeURIComponent(server.socketPath)
    const one = watch(`mysql://watcher:${PASSWORD_CANARY}@/?socket=${path}`)
    expect((await one.sample()).maxConnections).toBe(40)
    expect(one.source.address).toBe(server.socketPath)
    const local = await client(server, 'local', { socketPath: server.socketPath })
    const { sessions } = await one.sample(({ connections }) => connections.total === 2)
    expect(sessions.find(({ pid }) => pid === local.threadId)).toMatchObject({ clientAddress: null })
  })

  it('binds its session: nothing can be written, and what takes long is ended by the server', async () => {
    const target = parseMysqlUrl(`mariadb://root@${server.host}:${server.port}`)
    // A server that is late gets no more than a second before the session gives up itself: then on another one.
    await eventually(async () => {
      const session = await MysqlSession.open(target, new AbortController().signal)
      cleanups.push(() => session.close())
      await session.query(flavorOf('10.11.0-MariaDB').settingsSql)
      await expect(session.query('DELETE FROM shop.orders')).rejects.toMatchObject({ errno: 1792 })
      const ended: unknown = await session.query('SELECT SLEEP(20)').catch((error: unknown) => error)
      expect(ended).toMatchObject({ errno: 1969 })
      expect(isStatementEnded(ended)).toBe(true)
      expect(await session.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
    })
  })
})

describe('poolscope check of a MariaDB', () => {
  let server: RunningMysql
  beforeAll(async () => {
    server = await startMariadb()
    await prepare(server)
    return () => server.stop()
  })

  it('is content with the grants that the manual names', async () => {
    const { failure, items } = await check(watcherUrl(server))
    expect(failure).toBeNull()
    expect(items.filter(({ state }) => state !== 'ok').map(({ what }) => what)).toEqual(['reserved door'])
  })

  it('names the exact statement for each right that is missing, which then is not', async () => {
    await server.ask("CREATE USER `odd ``one`@`127.0.0.%` IDENTIFIED BY 'odd'")
    const url = `mariadb://odd%20%60one:odd@${server.host}:${server.port}`
    const before = await check(url)
    const fixes = before.items.filter(({ what }) => what !== 'reserved door').flatMap(({ fix }) => fix)
    expect(fixes).toEqual([
      'GRANT PROCESS ON *.* TO `odd ``one`@`127.0.0.%`;',
      'GRANT SELECT ON performance_schema.* TO `odd ``one`@`127.0.0.%`;',
      'GRANT SELECT (User, Host, max_user_connections) ON mysql.user TO `odd ``one`@`127.0.0.%`;',
      'ALTER USER `odd ``one`@`127.0.0.%` WITH MAX_USER_CONNECTIONS 3;',
    ])
    expect(before.items.filter(({ state }) => state === 'missing').map(({ what }) => what)).toEqual([
      'sessions of all users',
      'program names and slow statements',
    ])
    for (const sql of fixes) await server.ask(sql)
    const after = await check(url)
    expect(after.items.filter(({ state }) => state !== 'ok').map(({ what }) => what)).toEqual([
      'reserved door',
    ])
  })

  it('advises against an administrator', async () => {
    const { items } = await check(`mariadb://root@${server.host}:${server.port}`)
    expect(items.find(({ what }) => what === 'role')).toMatchObject({ state: 'advice' })
  })
})

describe('a MariaDB without its performance schema', () => {
  it('samples statements from sessions, and says so', async () => {
    const server = await start({ 'performance-schema': 'OFF' })
    const slow = await client(server, 'reports')
    slow.query(`SELECT SLEEP(60), '${LITERAL_CANARY}'`).catch(() => {})
    const one = watch(watcherUrl(server))
    const sample = await one.sample(
      ({ statements }) => statements?.statements.some(({ totalMs }) => totalMs > 0) === true,
    )
    expect(sample.statements).toMatchObject({ source: 'sampled' })
    expect(sample.statements?.statements).toMatchObject([
      { text: expect.stringMatching(/^SELECT SLEEP/i), calls: 1, user: 'app', database: 'shop', rows: null },
    ])
    const [session] = sample.sessions
    expect(session).toMatchObject({ application: '', user: 'app', state: 'active' })
    expect(detailOf(sample, 'Settings', 'performance_schema')).toBe('off')
    expect(JSON.stringify(one.updates)).not.toContain(LITERAL_CANARY)
    const { items } = await check(watcherUrl(server))
    expect(items.find(({ what }) => what.startsWith('program names'))).toMatchObject({
      state: 'advice',
      fix: [expect.stringContaining('performance_schema = ON')],
    })
  })
})

describe('a MariaDB with TLS', () => {
  it('is watched where its certificate is trusted, and says what is wrong where it is not', async () => {
    const server = await startMariadb({ tls: true })
    cleanups.push(() => server.stop())
    for (const sql of MYSQL_WATCHER_SQL) await server.ask(sql)
    const url = `mariadb://watcher:${PASSWORD_CANARY}@localhost:${server.port}`
    const refused = async (options: string) => (await watch(url + options).refused()).error
    expect(await refused('?ssl-mode=VERIFY_IDENTITY')).toMatchObject({ code: 'tls_failed' })
    // 10.11 does not tell a connection without TLS from a wrong password, 11.8 does.
    const plain = await refused('')
    expect(['auth_failed', 'tls_failed']).toContain(plain?.code)
    expect(plain?.message).toMatch(/add ssl-mode=REQUIRED/i)
    await watch(`${url}?ssl-mode=REQUIRED`).sample()
    await watch(`${url}?ssl-ca=${server.caPath}`).sample()
    await watch(`${url}?ssl-mode=VERIFY_IDENTITY&ssl-ca=${server.caPath}`).sample()
  })
})

describe('a full MariaDB', () => {
  it('misses no tick of the connection that is held', async () => {
    const server = await start({ 'max-connections': '12' })
    const one = watch(watcherUrl(server))
    await one.sample()
    expect(await fill(server)).toBe(11)
    await one.sample(({ connections }) => connections.total === 12)
    const stalls = stallsOf()
    const from = one.updates.length
    for (let i = 0; i < 6; i++) await one.sample()
    const ticks = one.updates.slice(from)
    // MariaDB counts who it refuses here, and nowhere else. Asked at once: one place more than all is
    // kept for an administrator, and a session that says goodbye holds it for a while longer.
    const [refusals] = await server.ask(`SELECT
      MAX(IF(VARIABLE_NAME = 'Connection_errors_max_connections', VARIABLE_VALUE, NULL)) AS beyond,
      MAX(IF(VARIABLE_NAME = 'Aborted_connects', VARIABLE_VALUE, NULL)) AS aborted
      FROM information_schema.GLOBAL_STATUS`)
    expect(refusals?.beyond).toBe('0')
    expect(Number(refusals?.aborted)).toBeGreaterThan(0)
    expect(ticks.filter(({ sample }) => sample === null)).toEqual([])
    const times = ticks.map(({ sample }) => sample?.atMs as number)
    const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] as number))
    const intervalMs = Math.max(...ticks.map(({ sample }) => sample?.intervalMs as number))
    const slowestMs = Math.max(...ticks.map(({ sample }) => sample?.sampleMs as number))
    // A tick that was left out would make a gap of two intervals or more; the machine may be busy.
    expect(Math.max(...gaps)).toBeLessThan(2 * intervalMs + 500 + slowestMs + stalls.longestMs())
  })

  it('lets the agent back in through extra_port within five seconds', async () => {
    const server = await start({ 'max-connections': '12' }, true)
    const extra = Number(server.doorPort)
    const door = { host: server.host, port: extra }
    const proxy = await startTcpProxy(door)
    cleanups.push(() => proxy.stop())
    const one = watch(watcherUrl(proxy))
    await one.sample()
    await fill(server)
    const shut = watch(watcherUrl(server))
    const refused = await shut.refused()
    expect(refused).toMatchObject({ state: 'refused', error: { code: 'connections_exhausted' } })
    const stalls = stallsOf()
    const cutAtMs = Date.now()
    proxy.cut()
    await one.until(({ error }) => error !== null)
    const back = await one.sample()
    expect(back.atMs - cutAtMs).toBeLessThan(5000 + stalls.totalMs())
    expect(back.connections.total).toBeGreaterThanOrEqual(12)
    const { items } = await check(watcherUrl(door))
    expect(items.find(({ what }) => what === 'reserved door')).toMatchObject({
      state: 'ok',
      message: `Open: extra_port ${extra}, used by this URL.`,
    })
  })

  it('keeps the agent out where no door is, and lets it back in when there is room', async () => {
    const server = await start({ 'max-connections': '12' })
    const proxy = await startTcpProxy(server)
    cleanups.push(() => proxy.stop())
    const one = watch(watcherUrl(proxy))
    await one.sample()
    const first = await client(server, 'first')
    await fill(server)
    proxy.cut()
    // The place that came free goes to the next who asks.
    await eventually(() => client(server, 'second').then(() => true))
    const refused = await one.until(({ state }) => state === 'refused')
    expect(refused).toMatchObject({ error: { code: 'connections_exhausted' }, sample: null })
    first.destroy()
    await one.sample()
  })
})
