import { flush, watch } from '@poolscope/probe/mysql2'
import mysql, { type Pool, type PoolConnection } from 'mysql2'
import older from 'mysql2-2'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FakeAgent, until } from './agent.ts'
import { type MysqlForTest, startMysqlForTest } from './mysql2.fixture.ts'

let server: MysqlForTest
let agent: FakeAgent
const pools: { end(): unknown }[] = []

beforeAll(async () => {
  server = await startMysqlForTest()
})
afterAll(() => server?.stop())
beforeEach(async () => {
  agent = await FakeAgent.start()
})
afterEach(async () => {
  for (const pool of pools.splice(0)) pool.end()
  await flush()
  expect(agent.invalid).toEqual([])
  await agent.stop()
})

const take = (pool: Pool) =>
  new Promise<PoolConnection>((resolve, reject) =>
    pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection))),
  )
const taken = (pool: Pool, count: number) => Promise.all(Array.from({ length: count }, () => take(pool)))

async function want(max: number | null): Promise<void> {
  agent.wanted = max === null ? [] : [{ system: 'mysql', name: 'p', max, forMs: 60_000 }]
  const { length } = agent.received
  await until(() => {
    void flush()
    return agent.received.length > length + 1
  })
  await flush()
}

describe.each([
  ['3', mysql],
  ['2', older as unknown as typeof mysql],
])('a pool of mysql2 %s that is turned', (_version, driver) => {
  function pooled(connectionLimit: number): Pool {
    const { host, port, user, password, database } = server
    const pool = driver.createPool({ host, port, user, password, database, connectionLimit })
    pools.push(pool)
    return watch(pool, { url: agent.url, name: 'p', turnable: { min: 1, max: 8 } })
  }
  const limits = ({ config }: Pool) => {
    const { connectionLimit, maxIdle } = config as unknown as Record<string, unknown>
    return maxIdle === undefined ? [connectionLimit] : [connectionLimit, maxIdle]
  }

  /** As the server counts them. */
  const sessions = (from: Pool) =>
    new Promise<number>((resolve, reject) =>
      from.query(
        'SELECT count(*) AS count FROM information_schema.processlist WHERE user = ?',
        ['app'],
        (error, rows) => (error ? reject(error) : resolve(Number((rows as { count: unknown }[])[0]?.count))),
      ),
    )

  it('serves those who wait already when it grows, and goes back', async () => {
    const pool = pooled(1)
    const before = limits(pool)
    const held = await taken(pool, 1)
    const waiting = taken(pool, 3)
    await want(4)
    held.push(...(await waiting))
    await flush()
    expect(agent.pool('p')).toMatchObject({ max: 4, inUse: 4, waiting: 0 })
    for (const connection of held) connection.release()
    await want(null)
    await flush()
    expect(limits(pool)).toEqual(before)
    expect(agent.pool('p')).toMatchObject({ max: 1, inUse: 0, idle: 1 })
  })

  it('closes what is too many when it shrinks, as it is given back, and serves those who wait in their order', async () => {
    const pool = pooled(4)
    const held = await taken(pool, 4)
    const order: number[] = []
    const waiting = [1, 2, 3].map(async (place) => {
      const connection = await take(pool)
      order.push(place)
      connection.release()
    })
    await want(2)
    for (const connection of held) connection.release()
    await Promise.all(waiting)
    expect(order).toEqual([1, 2, 3])
    await flush()
    expect(agent.pool('p')).toMatchObject({ max: 2, inUse: 0, idle: 2, connecting: 0, waiting: 0 })
    await expect.poll(() => sessions(pool), { timeout: 10_000 }).toBe(2)
  })
})
