import {
  eventually,
  findMysqld,
  LITERAL_CANARY,
  MYSQL_WATCHER_SQL,
  type MysqlStandIn,
  mysqlStandIn,
  PASSWORD_CANARY,
  type RunningMysql,
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

const MAX_CONNECTIONS = 16
const SHOP_SQL = [
  'CREATE DATABASE shop',
  'CREATE TABLE shop.orders (id INT PRIMARY KEY, label VARCHAR(50))',
  "INSERT INTO shop.orders VALUES (1, 'a'), (2, 'b')",
  "CREATE USER app@'%' IDENTIFIED BY 'app-password'",
  "GRANT ALL ON shop.* TO app@'%'",
]

const mysql = findMysqld() ?? mysqlStandIn

let server: Pick<RunningMysql, 'host' | 'port' | 'doorPort' | 'stop'>
let cleanups: (() => unknown)[] = []

/** A client of this server, which is cut off after the test. */
async function client(program: string, over: ConnectionOptions = {}): Promise<Connection> {
  const { host, port } = server
  const login = { user: 'app', password: 'app-password', database: 'shop' }
  const connection = await createConnection({
    host,
    port,
    ...login,
    connectAttributes: { program_name: program },
    ...over,
  })
  connection.on('error', () => {})
  cleanups.push(() => connection.destroy())
  return connection
}

/** Runs statements as an administrator, in the words of MySQL. */
async function asAdmin(...statements: string[]): Promise<void> {
  const admin = await client('admin', { user: 'root', password: '', database: 'mysql' })
  for (const sql of statements) await admin.query(sql)
  await admin.end()
}

const urlOf = (user = 'watcher', password = PASSWORD_CANARY, port = server.port) =>
  `mysql://${user}:${password}@${server.host}:${port}`
const check = (url: string) => checkServer(targetOf(url), new AbortController().signal)

function watch(url = urlOf()): Watched {
  const one = new Watched(url)
  cleanups.push(() => one.source.stop())
  return one
}

async function session(settingsSql: string): Promise<MysqlSession> {
  const target = parseMysqlUrl(`mysql://root@${server.host}:${server.port}`)
  const one = await MysqlSession.open(target, new AbortController().signal)
  cleanups.push(() => one.close())
  await one.query(settingsSql)
  return one
}

afterEach(async () => {
  for (const clean of cleanups.toReversed()) await clean()
  cleanups = []
})

describe(`what a source reads of ${mysql.label}`, () => {
  beforeAll(async () => {
    const settings = { 'max-connections': String(MAX_CONNECTIONS) }
    server = await mysql.start({ settings, door: true })
    await asAdmin(...MYSQL_WATCHER_SQL, ...SHOP_SQL)
    return () => server.stop()
  })

  it('lets its users in by caching_sha2_password, by the key first and by the hash from then on', async () => {
    await asAdmin("CREATE USER fresh@'%' IDENTIFIED BY 'fresh-password'")
    cleanups.push(() => asAdmin("DROP USER fresh@'%'"))
    // A real one does not tell which way anybody came in.
    const logins = () => ('passwords' in server ? { ...(server as MysqlStandIn).passwords.logins } : null)
    const sample = () => watch(urlOf('fresh', 'fresh-password')).sample()
    const none = logins()
    await sample()
    const once = logins()
    expect(once).toEqual(none && { ...none, full: none.full + 1 })
    await sample()
    expect(logins()).toEqual(once && { ...once, fast: once.fast + 1 })
  })

  it('tells its version and its own settings, and none of a MariaDB', async () => {
    const sample = await watch().sample()
    expect(sample).toMatchObject({ version: mysql.version, maxConnections: MAX_CONNECTIONS })
    expect(detailOf(sample, 'Settings', 'server')).toBe('MySQL')
    expect(detailOf(sample, 'Settings', 'max_execution_time')).toBe(0)
    expect(detailOf(sample, 'Settings', 'admin_port')).toBe(server.doorPort)
    expect(detailOf(sample, 'Settings', 'admin_address')).toBe(server.host)
    expect(detailOf(sample, 'Settings', 'extra_port')).toBeUndefined()
    expect(detailOf(sample, 'Settings', 'wait_timeout')).toBeGreaterThan(0)
    expect(detailOf(sample, 'Threads', 'Threads_connected')).toBe(sample.connections.total)
  })

  it('refuses what only a MariaDB knows', async () => {
    const mariadb = flavorOf('10.11.19-MariaDB')
    await expect(session(mariadb.settingsSql)).rejects.toMatchObject({ errno: 1193 })
    const one = await session('SELECT 1')
    await expect(one.query(mariadb.lockWaitsSql)).rejects.toMatchObject({ errno: 1109 })
    await expect(one.query(mariadb.processList.sql(1))).rejects.toMatchObject({ errno: 1054 })
  })

  it('binds its session: nothing can be written, and what takes long is ended', async () => {
    const one = await session(flavorOf(mysql.version).settingsSql)
    await expect(one.query('DELETE FROM shop.orders')).rejects.toMatchObject({ errno: 1792 })
    await one.query('SET SESSION max_execution_time = 100')
    // Its plan takes no time, and its rows, 1000 to the power of 3, take long.
    const work = `WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
 SELECT COUNT(*) FROM n a, n b, n c`
    const ended: unknown = await one.query(work).catch((error: unknown) => error)
    expect(ended).toMatchObject({ errno: 3024 })
    expect(isStatementEnded(ended)).toBe(true)
    expect(await one.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('names who keeps a session waiting for a row, from data_lock_waits', async () => {
    const holder = await client('orders')
    await holder.query('START TRANSACTION')
    await holder.query("UPDATE orders SET label = 'held' WHERE id = 1")
    const blocked = await client('billing')
    blocked.query(`UPDATE orders SET label = '${LITERAL_CANARY}' WHERE id = 1`).catch(() => {})
    const one = watch()
    one.source.inspect([Number(holder.threadId)])
    const inspected = (sample: ServerSample, pid: number | null) =>
      sample.inspections?.find((each) => each.pid === pid)
    const seen = await one.sample(
      (sample) =>
        inspected(sample, blocked.threadId)?.blockedBy.length === 1 &&
        inspected(sample, holder.threadId)?.locks?.listed.length === 2,
    )
    expect(inspected(seen, holder.threadId)?.locks).toEqual({
      listed: [
        { kind: 'record', mode: 'X,REC_NOT_GAP', relation: 'shop.orders', granted: true, count: 1 },
        { kind: 'table', mode: 'IX', relation: 'shop.orders', granted: true, count: 1 },
      ],
      complete: true,
      rows: 1,
    })
    expect(inspected(seen, blocked.threadId)?.blockedBy).toEqual([holder.threadId])
    expect(inspected(seen, holder.threadId)?.lastStatement).toBe('UPDATE orders SET label = ? WHERE id = ?')
    const shown = (pid: number | null) => seen.sessions.find((each) => each.pid === pid)
    expect(shown(holder.threadId)).toMatchObject({ application: 'orders', state: 'idle in transaction' })
    expect(shown(blocked.threadId)).toMatchObject({ application: 'billing', waitEvent: 'row lock' })
    expect(JSON.stringify(one.updates)).not.toContain(LITERAL_CANARY)
  })

  it('counts statements by digest, with the 95th percentile that MariaDB does not keep', async () => {
    const app = await client('orders')
    const sql = `SELECT label FROM orders WHERE id IN (1, 2) OR label = '${LITERAL_CANARY}'`
    for (let i = 0; i < 3; i++) await app.query(sql)
    const one = watch()
    const { statements } = await one.sample((sample) => sample.statements !== null)
    expect(statements).toMatchObject({ source: 'performance_schema', complete: true })
    const found = statements?.statements.find(({ text }) => /SELECT .*label.* FROM .*orders/i.test(text))
    expect(found).toMatchObject({ calls: 3, rows: 6, database: 'shop', p95Ms: expect.any(Number) })
    expect(found?.p95Ms).toBeLessThanOrEqual(Number(found?.maxMs))
    expect(found?.id).toMatch(/^[0-9a-f]{64} shop$/)
    const said = JSON.stringify(one.updates)
    expect(said).not.toContain(LITERAL_CANARY)
    // Its own statements are not among them.
    expect(said).not.toMatch(/innodb_trx|session_connect_attrs/i)
  })

  it('reads the process list, in seconds, and samples statements where the schema may not be read', async () => {
    await asAdmin("CREATE USER half@'%' IDENTIFIED BY 'half'", "GRANT PROCESS ON *.* TO half@'%'")
    cleanups.push(() => asAdmin("DROP USER half@'%'"))
    const slow = await client('reports')
    slow.query(`SELECT SLEEP(60), '${LITERAL_CANARY}'`).catch(() => {})
    cleanups.push(() => asAdmin(`KILL ${slow.threadId}`))
    const one = watch(urlOf('half', 'half'))
    const first = await one.sample(({ statements }) => (statements?.statements ?? []).length > 0)
    expect(first.statements).toMatchObject({
      source: 'sampled',
      statements: [{ text: expect.stringMatching(/^SELECT SLEEP/i), user: 'app', database: 'shop' }],
    })
    expect(detailOf(first, 'Settings', 'performance_schema')).toBe('may not be read')
    const later = await one.sample(({ sessions }) => sessions.some(({ stateMs }) => Number(stateMs) >= 1000))
    const shown = later.sessions.find(({ pid }) => pid === slow.threadId)
    expect(shown).toMatchObject({ application: '', user: 'app', state: 'active' })
    expect((shown?.stateMs as number) % 1000).toBe(0)
    expect(JSON.stringify(one.updates)).not.toContain(LITERAL_CANARY)
  })

  it('lists a part of very many sessions from its threads, and counts all of them', async () => {
    for (let i = 0; i < 4; i++) await client('many')
    const env = { now: Date.now, random: Math.random, elapsedMs: () => performance.now() }
    const one = await mysqlEngine('mysql')(targetOf(urlOf()), env, 2).open(new AbortController().signal)
    cleanups.push(() => one.close())
    await eventually(async () => {
      const sample = await one.sample([])
      expect(sample.connections).toMatchObject({ idle: 4, other: 1, total: 5 })
      expect(sample.sessions).toHaveLength(2)
    })
  })

  it('counts whom it turned away, and lets administrators in by admin_port while it is full', async () => {
    const one = watch()
    await one.sample()
    const fill = async () => {
      for (;;) await client('filler')
    }
    await expect(fill()).rejects.toMatchObject({ errno: 1040 })
    const counted = () =>
      one.updates.some(
        ({ sample }) =>
          sample?.connections.total === MAX_CONNECTIONS &&
          Number(detailOf(sample, 'Rates', 'Connection_errors_max_connections')) > 0,
      )
    await eventually(async () => {
      if (counted()) return true
      await expect(client('late')).rejects.toMatchObject({ errno: 1040 })
      return false
    })
    const shut = await check(urlOf())
    expect(shut.failure).toMatchObject({ code: 'connections_exhausted' })
    const door = urlOf('watcher', PASSWORD_CANARY, Number(server.doorPort))
    expect((await check(door)).failure).toMatchObject({ code: 'permission_denied' })
    for (const clean of cleanups.splice(0).toReversed()) await clean()
    const before = (await eventually(async () => (await check(urlOf())).items)).find(
      ({ what }) => what === 'reserved door',
    )
    expect(before?.fix).toEqual([
      'GRANT SERVICE_CONNECTION_ADMIN ON *.* TO `watcher`@`%`;',
      `Name port ${server.doorPort} in the URL.`,
    ])
    await asAdmin(before?.fix[0] as string)
    // Once it has let go of those that fill it.
    const revoke = "REVOKE SERVICE_CONNECTION_ADMIN ON *.* FROM watcher@'%'"
    cleanups.push(() => eventually(() => asAdmin(revoke).then(() => true)))
    const { items } = await check(door)
    expect(items.filter(({ state }) => state !== 'ok').map(({ what }) => what)).toEqual([])
    expect(items.find(({ what }) => what === 'reserved door')?.message).toBe(
      `Open: admin_port ${server.doorPort}, used by this URL.`,
    )
    await expect(fill()).rejects.toMatchObject({ errno: 1040 })
    await watch(door).sample(({ connections }) => Number(connections.total) > MAX_CONNECTIONS)
  })

  it('names the exact statement for each right that is missing, which then is not', async () => {
    await asAdmin("CREATE USER `odd ``one`@`127.0.0.%` IDENTIFIED BY 'odd'")
    const url = urlOf('odd%20%60one', 'odd')
    const fixes = (await check(url)).items
      .filter(({ what }) => what !== 'reserved door')
      .flatMap(({ fix }) => fix)
    expect(fixes).toHaveLength(4)
    await asAdmin(...fixes)
    const after = await check(url)
    expect(after.items.filter(({ state }) => state !== 'ok').map(({ what }) => what)).toEqual([
      'reserved door',
    ])
  })

  it('advises against an administrator, by rights that it lists one by one', async () => {
    const { items } = await check(`mysql://root@${server.host}:${server.port}`)
    expect(items.find(({ what }) => what === 'role')).toMatchObject({ state: 'advice' })
  })
})
