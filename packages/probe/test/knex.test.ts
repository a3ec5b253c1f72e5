import { startPostgres } from '@poolscope/lab'
import { flush, unwatch, watch } from '@poolscope/probe/knex'
import { type Knex, knex } from 'knex'
import { Pool } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { delivered, FakeAgent, until } from './agent.ts'
import { type MysqlForTest, startMysqlForTest } from './mysql2.fixture.ts'
import { SLEEP, wakeAll } from './pg.fixture.ts'

let postgres: Awaited<ReturnType<typeof startPostgres>>
let mariadb: MysqlForTest
let agent: FakeAgent
const open: Knex[] = []

beforeAll(async () => {
  ;[postgres, mariadb] = await Promise.all([startPostgres(), startMysqlForTest()])
})
afterAll(() => Promise.all([postgres?.stop(), mariadb?.stop()]))
beforeEach(async () => {
  agent = await FakeAgent.start()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((db) => db.destroy()))
  await flush()
  expect(agent.invalid).toEqual([])
  await agent.stop()
})

function watched(config: Knex.Config): Knex {
  const db = watch(knex({ log: { warn: () => {} }, ...config }), {
    url: agent.url,
    name: 'p',
    stackEvery: 1,
  })
  open.push(db)
  return db
}

const gauges = async () => {
  await delivered(flush)
  const { inUse, idle, connecting, waiting } = agent.pool('p')
  return [inUse, idle, connecting, waiting]
}

const total = (of: 'checkouts' | 'timeouts' | 'errors' | 'created' | 'destroyed') =>
  agent.all('p').reduce((sum, { window }) => sum + window[of], 0)

describe('a Knex pool', () => {
  it('shows a transaction as a holder, and a query beside it as one who waits', async () => {
    const db = watched({ client: 'pg', connection: postgres.url, pool: { min: 0, max: 1 } })
    async function placesAnOrder() {
      return await db.transaction()
    }
    const transaction = await placesAnOrder()
    const query = db.raw('SELECT 1').then(() => true)
    await until(() => db.client.pool.numPendingAcquires() === 1)
    expect(await gauges()).toEqual([1, 0, 0, 1])
    const [{ pid }] = (await transaction.raw('SELECT pg_backend_pid() AS pid')).rows
    expect(agent.pool('p')).toMatchObject({ system: 'postgresql', max: 1, holders: [{ sessionPid: pid }] })
    await transaction.commit()
    expect(await query).toBe(true)
    expect(await gauges()).toEqual([0, 1, 0, 0])
    expect([total('checkouts'), total('created'), total('timeouts')]).toEqual([2, 1, 0])
  })

  it('names the code that made the query or the transaction, however it is awaited', async () => {
    const db = watched({ client: 'pg', connection: postgres.url, pool: { min: 0, max: 4 } })
    async function looksUpOrders() {
      return await db.select(db.raw('pg_sleep(600)'))
    }
    async function asksByItself() {
      return await db.raw(SLEEP)
    }
    async function paysAnOrder() {
      return await db.transaction((transaction) => transaction.raw(SLEEP))
    }
    async function opensATransaction() {
      return await db.transaction()
    }
    const asleep = Promise.allSettled([looksUpOrders(), asksByItself(), paysAnOrder()])
    const transaction = opensATransaction()
    await expect.poll(gauges).toEqual([4, 0, 0, 0])
    const code = agent.pool('p').holders.map(({ stack }) => stack?.[0]?.split(' ')[0])
    expect(code.sort()).toEqual(['asksByItself', 'looksUpOrders', 'opensATransaction', 'paysAnOrder'])
    await (await transaction).commit()
    await wakeAll(postgres.url)
    for (const result of await asleep) {
      expect(String('reason' in result && result.reason)).toContain('canceling statement')
    }
    unwatch(db)
    expect(Object.keys(db.client).filter((key) => typeof db.client[key] === 'function')).toEqual([])
  })

  it('says where it leads, and never its password', async () => {
    const { host, port, password } = postgres
    const connection = { host, port, user: 'postgres', password, database: 'postgres' }
    const db = watched({ client: 'pg', connection, pool: { min: 0, max: 3, idleTimeoutMillis: 700 } })
    const target = { host, port, user: 'postgres', database: 'postgres' }
    await flush()
    expect(agent.pool('p')).toMatchObject({ target, max: 3, min: 0, idleTimeoutMs: 700 })
    await db.raw('SELECT 1')
    await flush()
    expect(agent.pool('p')).toMatchObject({ target, acquireTimeoutMs: 60_000 })
    expect(JSON.stringify(agent.received)).not.toContain(password)
  })

  it('counts a connection that its server ended as closed, and goes on with another', async () => {
    const db = watched({ client: 'pg', connection: postgres.url, pool: { min: 0, max: 1 } })
    const [{ pid }] = (await db.raw('SELECT pg_backend_pid() AS pid')).rows
    const other = new Pool({ connectionString: postgres.url })
    await other.query('SELECT pg_terminate_backend($1)', [pid])
    await other.end()
    await until(() =>
      db.client.pool.free.some((item: { resource: object }) => '__knex__disposed' in item.resource),
    )
    await db.raw('SELECT 1')
    await expect.poll(gauges).toEqual([0, 1, 0, 0])
    expect([total('checkouts'), total('created'), total('destroyed')]).toEqual([2, 2, 1])
  })

  it('tells the sessions of MySQL and MariaDB', async () => {
    const { stop: _, ...connection } = mariadb
    const db = watched({ client: 'mysql2', connection, pool: { min: 0, max: 2 } })
    const transaction = await db.transaction()
    const [[{ id }]] = await transaction.raw('SELECT CONNECTION_ID() AS id')
    await flush()
    const { host, port, database, user } = mariadb
    expect(agent.pool('p')).toMatchObject({
      system: 'mysql',
      target: { host, port, database, user },
      sessionPids: [id],
      holders: [{ sessionPid: id }],
    })
    await transaction.rollback()
  })

  it('leaves alone a Knex that uses the pool of another', async () => {
    const pool = new Pool({ connectionString: postgres.url })
    const db = watched({ client: 'pg', connectionPool: pool } as Knex.Config)
    await db.raw('SELECT 1')
    await flush()
    expect(agent.all('p')).toEqual([])
    unwatch(db)
    await pool.end()
  })
})
