import { startPostgres } from '@poolscope/lab'
import { unwatch, watch } from '@poolscope/probe/pg'
import { Client, Pool } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { until } from './agent.ts'
import { Bench } from './pg.fixture.ts'

let server: Awaited<ReturnType<typeof startPostgres>>
let bench: Bench

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())
beforeEach(async () => {
  bench = await Bench.start(server.url)
})
afterEach(() => bench.stop())

describe(watch, () => {
  it('answers the same pool, whose clients are still the driver’s', async () => {
    const pool = new Pool({ connectionString: bench.url })
    expect(watch(pool, { url: bench.agent.url })).toBe(pool)
    const client = await pool.connect()
    expect(client).toBeInstanceOf(Client)
    client.release()
    await pool.end()
  })

  it('measures a pool once, however often it is called, by however many copies', async () => {
    const pool = bench.pool({ max: 1 })
    const { connect } = pool
    watch(pool, { url: bench.agent.url, name: 'again' })
    const copy = (await import('../src/pg/index.ts?copy' as string)) as { watch: typeof watch }
    expect(copy.watch).not.toBe(watch)
    copy.watch(pool, { url: bench.agent.url, name: 'again' })
    expect(pool.connect).toBe(connect)
    await pool.query('SELECT 1')
    expect((await bench.totals()).checkouts).toBe(1)
    expect(bench.agent.all('again')).toEqual([])
  })

  it('keeps two pools apart, also under one name', async () => {
    const one = bench.pool({ max: 1 })
    const two = bench.pool({ max: 2 })
    const held = await two.connect()
    await one.query('SELECT 1')
    expect(await bench.gauges(one, 'p')).toEqual([0, 1, 0, 0])
    expect(await bench.gauges(two, 'p#2')).toEqual([1, 0, 0, 0])
    held.release()
  })

  it('takes in the connections that a pool has already', async () => {
    const pool = new Pool({ connectionString: bench.url, max: 3 })
    const [held, idle] = await Promise.all([pool.connect(), pool.connect()])
    idle.release()
    watch(pool, { url: bench.agent.url, name: 'late' })
    expect(await bench.gauges(pool, 'late')).toEqual([1, 1, 0, 0])
    held.release()
    expect(await bench.gauges(pool, 'late')).toEqual([0, 2, 0, 0])
    expect(await bench.totals('late')).toMatchObject({ checkouts: 0, holds: 0, created: 0 })
    await pool.end()
  })

  it('tells the greatest age of a connection, and options without effect by name alone', async () => {
    const pool = bench.pool({ max: 5, maxLifetimeSeconds: 60, ...{ acquireTimeoutMillis: 1234 } })
    expect(await bench.now(pool)).toMatchObject({
      maxLifetimeMs: 60_000,
      ignoredOptions: [{ name: 'acquireTimeoutMillis', instead: 'connectionTimeoutMillis' }],
    })
    const plain = bench.pool({ max: 5 }, { name: 'plain' })
    expect(await bench.now(plain, 'plain')).toMatchObject({ maxLifetimeMs: null, ignoredOptions: [] })
    expect(JSON.stringify(bench.agent.received)).not.toContain('1234')
  })

  it('says where a pool leads, and never its password', async () => {
    const { hostname, port, pathname } = new URL(bench.url)
    const pool = bench.pool({ max: 5, min: 1, idleTimeoutMillis: 0, connectionTimeoutMillis: 700 })
    await pool.query('SELECT 1')
    const target = { host: hostname, port: Number(port), database: pathname.slice(1) }
    expect(await bench.now(pool)).toMatchObject({
      system: 'postgresql',
      target,
      max: 5,
      min: 1,
      acquireTimeoutMs: 700,
      idleTimeoutMs: null,
    })
    const other = bench.pool(
      { connectionString: 'postgres://me:secret-word@db.example:6000/shop' },
      { name: 'other' },
    )
    expect(await bench.now(other, 'other')).toMatchObject({
      target: { host: 'db.example', port: 6000, database: 'shop', user: 'me' },
    })
    expect(JSON.stringify(bench.agent.received)).not.toContain('secret-word')
  })
})

describe(unwatch, () => {
  it('leaves the pool as it was, and says that no more follows', async () => {
    const pool = bench.pool({ max: 1 })
    await pool.query('SELECT 1')
    await bench.now(pool)
    unwatch(pool)
    expect(Object.hasOwn(pool, 'connect') || Object.hasOwn(pool, 'end')).toBe(false)
    expect((pool as unknown as { Client: unknown }).Client).toBe(Client)
    await pool.query('SELECT 1')
    await until(() => bench.agent.pool('p').ended)
    expect((await bench.totals()).checkouts).toBe(1)
    unwatch(pool)
    unwatch({})
  })
})
