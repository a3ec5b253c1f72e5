import { flush, unwatch, watch } from '@poolscope/probe/mysql2'
import mysql, { type Pool, type PoolConnection, type PoolOptions } from 'mysql2'
import promises from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { delivered, FakeAgent, until } from './agent.ts'
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

const settings = () => {
  const { stop: _, ...rest } = server
  return rest
}

function pooled(options: PoolOptions = {}): Pool {
  const pool = watch(mysql.createPool({ ...settings(), ...options }), { url: agent.url, name: 'p' })
  pools.push(pool)
  return pool
}

const take = (pool: Pool) =>
  new Promise<PoolConnection>((resolve, reject) =>
    pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection))),
  )

async function counted(name = 'p') {
  await delivered(flush)
  const sum = (of: 'checkouts' | 'errors' | 'timeouts' | 'created' | 'destroyed') =>
    agent.all(name).reduce((total, { window }) => total + window[of], 0)
  const { inUse, idle, connecting, waiting } = agent.pool(name)
  return {
    gauges: [inUse, idle, connecting, waiting],
    checkouts: sum('checkouts'),
    errors: sum('errors'),
    timeouts: sum('timeouts'),
    created: sum('created'),
    destroyed: sum('destroyed'),
  }
}

describe('a mysql2 pool', () => {
  it('tells an idle time-out without effect, and claims nothing of what it cannot see', async () => {
    pooled({ connectionLimit: 2, idleTimeout: 5000 })
    await flush()
    expect(agent.pool('p').ignoredOptions).toEqual([{ name: 'idleTimeout', instead: 'maxIdle' }])
    pooled({ connectionLimit: 2 })
    await flush()
    expect(agent.pool('p#2').ignoredOptions).toBeNull()
  })

  it('counts a connection that goes straight from its holder to the next caller', async () => {
    const pool = pooled({ connectionLimit: 1 })
    const first = await take(pool)
    const second = take(pool)
    const third = take(pool)
    first.release()
    ;(await second).release()
    ;(await third).release()
    expect(await counted()).toMatchObject({ gauges: [0, 1, 0, 0], checkouts: 3, created: 1, destroyed: 0 })
  })

  it('counts query and execute, by callbacks and by promises', async () => {
    const pool = pooled({ connectionLimit: 2 })
    await new Promise((resolve) => pool.query('SELECT 1', resolve))
    await new Promise((resolve) => pool.execute('SELECT 1', [], resolve))
    await pool.promise().query('SELECT 1')
    await pool.promise().execute('SELECT 1')
    expect(await counted()).toMatchObject({ gauges: [0, 1, 0, 0], checkouts: 4, created: 1, errors: 0 })
  })

  it('counts one caller once whose connection is lost while it waits for it', async () => {
    const pool = pooled({ connectionLimit: 1 })
    const first = await take(pool)
    const second = take(pool)
    first.destroy()
    const connection = await second
    expect(await counted()).toMatchObject({ gauges: [1, 0, 0, 0], checkouts: 2, created: 2, destroyed: 1 })
    connection.release()
  })

  it('counts a session that the server ended, in use and idle', async () => {
    const pool = pooled({ connectionLimit: 2 })
    const held = await take(pool)
    const other = await take(pool)
    const victim = other.threadId
    other.release()
    await held.promise().query(`KILL ${victim}`)
    await expect.poll(counted).toMatchObject({ gauges: [1, 0, 0, 0], destroyed: 1 })
    held.on('error', () => {})
    await expect(held.promise().query('KILL CONNECTION_ID()')).rejects.toThrow()
    held.destroy()
    expect(await counted()).toMatchObject({ gauges: [0, 0, 0, 0], checkouts: 2, created: 2, destroyed: 2 })
  })

  it('counts callers for whom the queue is too long, or who may not wait, as errors', async () => {
    const pool = pooled({ connectionLimit: 1, queueLimit: 1 })
    const held = await take(pool)
    const second = take(pool)
    await expect(take(pool)).rejects.toThrow('Queue limit reached.')
    expect(await counted()).toMatchObject({ gauges: [1, 0, 0, 1], errors: 1 })
    held.release()
    ;(await second).release()
    const hasty = watch(mysql.createPool({ ...settings(), connectionLimit: 1, waitForConnections: false }), {
      url: agent.url,
      name: 'hasty',
    })
    pools.push(hasty)
    const only = await take(hasty)
    await expect(take(hasty)).rejects.toThrow('No connections available.')
    expect(await counted('hasty')).toMatchObject({ gauges: [1, 0, 0, 0], errors: 1 })
    only.release()
  })

  it('counts callers whom a shutdown sends away as errors', async () => {
    const pool = pooled({ connectionLimit: 1 })
    const held = await take(pool)
    const second = take(pool)
    const ended = new Promise((resolve) => pool.end(resolve))
    await expect(second).rejects.toThrow('Pool is closed.')
    await ended
    held.release()
    await until(() => agent.all('p').some((report) => report.ended))
    expect(await counted()).toMatchObject({ gauges: [0, 0, 0, 0], checkouts: 1, errors: 1, destroyed: 1 })
    pools.splice(0)
  })

  it('says where it leads and what its limits are, and never its password', async () => {
    const pool = pooled({ connectionLimit: 7, maxIdle: 3, idleTimeout: 5000 })
    await pool.promise().query('SELECT 1')
    await flush()
    const { host, port, user, database } = server
    expect(agent.pool('p')).toMatchObject({
      system: 'mysql',
      target: { host, port, user, database },
      max: 7,
      min: 0,
      acquireTimeoutMs: null,
      idleTimeoutMs: 5000,
    })
    expect(JSON.stringify(agent.received)).not.toContain(server.password)
  })

  it('works on in its own way when the tracing channel has a listener', async () => {
    const { tracingChannel } = await import('node:diagnostics_channel')
    const channel = tracingChannel('mysql2:pool:connect')
    let seen = 0
    const listener = { start: () => seen++, end() {}, asyncStart() {}, asyncEnd() {}, error() {} }
    channel.subscribe(listener)
    const pool = pooled({ connectionLimit: 1 })
    const first = await take(pool)
    const second = take(pool)
    first.destroy()
    ;(await second).release()
    channel.unsubscribe(listener)
    expect(seen).toBeGreaterThanOrEqual(2)
    expect(await counted()).toMatchObject({ gauges: [0, 1, 0, 0], checkouts: 2, created: 2, destroyed: 1 })
  })
})

describe('a mysql2 pool cluster', () => {
  it.each(['callback', 'promise'])('shows each node of a %s cluster as a pool', async (kind) => {
    const cluster = kind === 'callback' ? mysql.createPoolCluster() : promises.createPoolCluster()
    pools.push(cluster)
    cluster.add('writer', { ...settings(), connectionLimit: 2 })
    expect(watch(cluster, { url: agent.url, name: 'shop' })).toBe(cluster)
    watch(cluster, { url: agent.url, name: 'again' })
    const core = 'poolCluster' in cluster ? (cluster.poolCluster as mysql.PoolCluster) : cluster
    // Nodes may come later.
    core.add('reader', { ...settings(), connectionLimit: 3 })
    const connection = await new Promise<PoolConnection>((resolve, reject) =>
      (core as mysql.PoolCluster).getConnection('reader', (error, one) =>
        error ? reject(error) : resolve(one),
      ),
    )
    expect(await counted('shop/reader')).toMatchObject({ gauges: [1, 0, 0, 0], checkouts: 1 })
    expect(agent.pool('shop/reader')).toMatchObject({
      max: 3,
      holders: [{ sessionPid: connection.threadId }],
    })
    expect(agent.pool('shop/writer')).toMatchObject({ max: 2, inUse: 0 })
    connection.release()
    unwatch(cluster)
    await until(() => agent.pool('shop/reader').ended && agent.pool('shop/writer').ended)
    expect(Object.hasOwn(core, 'add')).toBe(false)
    expect(agent.all('again/writer')).toEqual([])
  })
})
