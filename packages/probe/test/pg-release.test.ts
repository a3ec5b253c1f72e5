import { startPostgres } from '@poolscope/lab'
import { Client } from 'pg'
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

describe('giving a connection back', () => {
  it('counts a double release once', async () => {
    const pool = bench.pool({ max: 1 })
    const client = await pool.connect()
    client.release()
    expect(() => client.release()).toThrow('already been released')
    expect(await bench.gauges(pool)).toEqual([0, 1, 0, 0])
    expect(await bench.totals()).toMatchObject({ checkouts: 1, holds: 1, destroyed: 0 })
  })

  it.each([true, new Error('broken')])('counts release(%s) as given back and closed', async (argument) => {
    const pool = bench.pool({ max: 1 })
    ;(await pool.connect()).release(argument)
    expect(await bench.gauges(pool)).toEqual([0, 0, 0, 0])
    await until(() => bench.agent.received.length > 0)
    await expectDestroyed(1)
    expect(await bench.totals()).toMatchObject({ checkouts: 1, holds: 1, created: 1, errors: 0 })
  })

  it('counts the connection that a failed statement of pool.query costs', async () => {
    const pool = bench.pool({ max: 1 })
    await expect(pool.query('SELECT no_such_column')).rejects.toThrow('does not exist')
    await expectDestroyed(1)
    await pool.query('SELECT 1')
    expect(await bench.gauges(pool)).toEqual([0, 1, 0, 0])
    expect(await bench.totals()).toMatchObject({
      checkouts: 2,
      holds: 2,
      created: 2,
      destroyed: 1,
      errors: 0,
    })
  })

  it('keeps a connection in use when its session is killed, until it is given back', async () => {
    const pool = bench.pool({ max: 2 })
    const victim = await pool.connect()
    const errors: Error[] = []
    victim.on('error', (error) => errors.push(error))
    const pid = (await victim.query('SELECT pg_backend_pid() AS pid')).rows[0].pid
    await pool.query('SELECT pg_terminate_backend($1)', [pid])
    await until(() => errors.length > 0)
    expect(await bench.gauges(pool)).toEqual([1, 1, 0, 0])
    victim.release()
    await expectDestroyed(1)
    expect(await bench.gauges(pool)).toEqual([0, 1, 0, 0])
    expect(await bench.totals()).toMatchObject({ checkouts: 2, holds: 2, created: 2, destroyed: 1 })
  })

  it('counts an idle connection whose session is killed as closed', async () => {
    const pool = bench.pool({ max: 2 })
    const pid = (await pool.query('SELECT pg_backend_pid() AS pid')).rows[0].pid
    const other = new Client(bench.url)
    await other.connect()
    await other.query('SELECT pg_terminate_backend($1)', [pid])
    await other.end()
    await until(() => pool.totalCount === 0)
    await expectDestroyed(1)
    expect(await bench.gauges(pool)).toEqual([0, 0, 0, 0])
  })

  it('counts no checkout when a connection reaches its longest lifetime', async () => {
    const pool = bench.pool({ max: 1, maxLifetimeSeconds: 0.1 })
    await pool.query('SELECT 1')
    await expectDestroyed(1)
    expect(await bench.gauges(pool)).toEqual([0, 0, 0, 0])
    expect(await bench.totals()).toMatchObject({ checkouts: 1, waits: 1, holds: 1, created: 1 })
  })
})

describe('giving up', () => {
  it('counts a time-out while waiting', async () => {
    const pool = bench.pool({ max: 1 })
    const client = await pool.connect()
    pool.options.connectionTimeoutMillis = 800
    const asked = [pool.connect(), pool.query('SELECT 1')]
    await Promise.all(asked.map((each) => expect(each).rejects.toThrow('timeout exceeded')))
    expect(await bench.gauges(pool)).toEqual([1, 0, 0, 0])
    client.release()
    expect(await bench.totals()).toMatchObject({ checkouts: 1, timeouts: 2, errors: 0, waits: 1 })
  })

  it('leaves every count right when the pool ends while callers wait', async () => {
    const pool = bench.pool({ max: 1 })
    const client = await pool.connect()
    pool.options.connectionTimeoutMillis = 800
    const waiting = [pool.connect(), pool.connect()].map((asked) =>
      asked.catch((error: Error) => error.message),
    )
    const ended = pool.end()
    expect(await bench.gauges(pool)).toEqual([1, 0, 0, 2])
    await expect(pool.connect()).rejects.toThrow('after calling end')
    expect(await Promise.all(waiting)).toEqual(Array(2).fill('timeout exceeded when trying to connect'))
    client.release()
    await ended
    await until(() => bench.agent.pool('p').ended)
    expect(bench.agent.pool('p')).toMatchObject({
      inUse: 0,
      idle: 0,
      connecting: 0,
      waiting: 0,
      sessionPids: [],
    })
    expect(await bench.totals()).toMatchObject({
      checkouts: 1,
      timeouts: 2,
      errors: 1,
      created: 1,
      destroyed: 1,
    })
  })

  it('says once that an ended pool has ended, and no more of it', async () => {
    const pool = bench.pool({ max: 2 })
    await Promise.all([pool.query('SELECT 1'), pool.query('SELECT 1')])
    await pool.end()
    await expect(pool.end()).rejects.toThrow('more than once')
    await until(() => bench.agent.all('p').some((report) => report.ended))
    const reports = bench.agent.all('p').length
    expect(await bench.totals()).toMatchObject({ created: 2, destroyed: 2 })
    expect(bench.agent.all('p').length).toBe(reports)
  })
})

/** Closing takes a round trip to the server. */
async function expectDestroyed(count: number): Promise<void> {
  const deadline = performance.now() + 45_000
  while ((await bench.totals()).destroyed < count && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect((await bench.totals()).destroyed).toBe(count)
}
