import { startPostgres } from '@poolscope/lab'
import { flush, unwatch, watch } from '@poolscope/probe/sequelize'
import { type Options, QueryTypes, Sequelize } from 'sequelize'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { delivered, FakeAgent, until } from './agent.ts'
import { type MysqlForTest, startMysqlForTest } from './mysql2.fixture.ts'

let postgres: Awaited<ReturnType<typeof startPostgres>>
let mariadb: MysqlForTest
let agent: FakeAgent
const open: Sequelize[] = []

beforeAll(async () => {
  ;[postgres, mariadb] = await Promise.all([startPostgres(), startMysqlForTest()])
})
afterAll(() => Promise.all([postgres?.stop(), mariadb?.stop()]))
beforeEach(async () => {
  agent = await FakeAgent.start()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((db) => db.close()))
  await flush()
  expect(agent.invalid).toEqual([])
  await agent.stop()
})

function watched(url: string, options: Options = {}): Sequelize {
  const db = new Sequelize(url, { logging: false, ...options })
  open.push(db)
  return watch(db, { url: agent.url, name: 'p', stackEvery: 1 })
}

async function shown(name = 'p') {
  await delivered(flush)
  const { inUse, idle, connecting, waiting } = agent.pool(name)
  return [inUse, idle, connecting, waiting]
}

const total = (of: 'checkouts' | 'timeouts' | 'errors' | 'created' | 'destroyed', name = 'p') =>
  agent.all(name).reduce((sum, { window }) => sum + window[of], 0)

const one = async (
  db: Sequelize,
  sql: string,
  transaction?: Awaited<ReturnType<Sequelize['transaction']>>,
) => {
  const rows = await db.query<{ id: number }>(sql, {
    type: QueryTypes.SELECT,
    ...(transaction && { transaction }),
  })
  return rows[0]?.id
}

describe('a Sequelize pool', () => {
  it('shows a transaction as a holder, and a query beside it as one who waits', async () => {
    const db = watched(postgres.url, { pool: { max: 1 } })
    async function placesAnOrder() {
      return await db.transaction()
    }
    const transaction = await placesAnOrder()
    const query = one(db, 'SELECT 1 AS id')
    await expect.poll(() => shown()).toEqual([1, 0, 0, 1])
    const id = await one(db, 'SELECT pg_backend_pid() AS id', transaction)
    const { holders, system, max } = agent.pool('p')
    expect({ system, max }).toEqual({ system: 'postgresql', max: 1 })
    expect(holders).toMatchObject([{ sessionPid: id }])
    await transaction.commit()
    expect(await query).toBe(1)
    expect(await shown()).toEqual([0, 1, 0, 0])
    expect([total('checkouts'), total('created'), total('errors')]).toEqual([2, 1, 0])
  })

  it('counts connections that are closed for being idle', async () => {
    const db = watched(postgres.url, { pool: { max: 2, idle: 50, evict: 50 } })
    await one(db, 'SELECT 1 AS id')
    await expect.poll(() => shown()).toEqual([0, 0, 0, 0])
    expect([total('created'), total('destroyed')]).toEqual([1, 1])
    expect(agent.pool('p')).toMatchObject({ idleTimeoutMs: 50, acquireTimeoutMs: 60_000, min: 0 })
  })

  it('says where it leads, and never its password', async () => {
    const db = watched(postgres.url)
    const { host, port, password } = postgres
    const target = { host, port, user: 'postgres', database: 'postgres' }
    await flush()
    expect(agent.pool('p')).toMatchObject({ target })
    await one(db, 'SELECT 1 AS id')
    await flush()
    expect(agent.pool('p')).toMatchObject({ target })
    expect(JSON.stringify(agent.received)).not.toContain(password)
  })

  it('shows the two pools of replication apart', async () => {
    const { host, port, password } = postgres
    const place = { host, port: String(port), username: 'postgres', password, database: 'postgres' }
    const db = new Sequelize({
      dialect: 'postgres',
      logging: false,
      pool: { max: 3 },
      replication: { read: [place], write: place },
    })
    open.push(db)
    watch(db, { url: agent.url, name: 'shop' })
    await one(db, 'SELECT 1 AS id')
    await db.query('CREATE TABLE written (id int)')
    expect(await shown('shop/read')).toEqual([0, 1, 0, 0])
    expect(await shown('shop/write')).toEqual([0, 1, 0, 0])
    expect([total('checkouts', 'shop/read'), total('checkouts', 'shop/write')]).toEqual([1, 1])
    unwatch(db)
    await until(() => agent.pool('shop/read').ended && agent.pool('shop/write').ended)
  })

  it('tells the sessions of MySQL and MariaDB', async () => {
    const { host, port, user, password, database } = mariadb
    const db = watched(`mysql://${user}:${password}@${host}:${port}/${database}`)
    const transaction = await db.transaction()
    const id = await one(db, 'SELECT CONNECTION_ID() AS id', transaction)
    await flush()
    expect(agent.pool('p')).toMatchObject({
      system: 'mysql',
      target: { host, port, user, database },
      holders: [{ sessionPid: id }],
    })
    await transaction.rollback()
  })
})
