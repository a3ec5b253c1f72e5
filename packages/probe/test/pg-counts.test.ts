import { startPostgres } from '@poolscope/lab'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { until } from './agent.ts'
import { Bench, SilentServer } from './pg.fixture.ts'

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

const quiet = { timeouts: 0, errors: 0, destroyed: 0 }

describe('a pool in use', () => {
  it('shows exactly the holders and waiters that there are', async () => {
    const pool = bench.pool({ max: 4 })
    const held = await Promise.all([1, 2, 3, 4].map(() => pool.connect()))
    const waiting = Array.from({ length: 7 }, () => pool.connect())
    expect(await bench.gauges(pool)).toEqual([4, 0, 0, 7])
    for (const client of held) client.release()
    for (const client of waiting) (await client).release()
    expect(await bench.gauges(pool)).toEqual([0, 4, 0, 0])
    expect(await bench.totals()).toEqual({
      ...quiet,
      checkouts: 11,
      created: 4,
      waits: 11,
      holds: 11,
      creates: 4,
    })
  })

  it('counts the callback form, the promise form and pool.query alike', async () => {
    const pool = bench.pool({ max: 2 })
    await pool.query('SELECT 1')
    await new Promise<void>((resolve) => pool.query('SELECT 1', () => resolve()))
    ;(await pool.connect()).release()
    await new Promise<void>((resolve, reject) =>
      pool.connect((error, client, release) => {
        if (error || client === undefined) return reject(error)
        release()
        resolve()
      }),
    )
    expect(await bench.gauges(pool)).toEqual([0, 1, 0, 0])
    expect(await bench.totals()).toEqual({
      ...quiet,
      checkouts: 4,
      created: 1,
      waits: 4,
      holds: 4,
      creates: 1,
    })
  })

  it('tells how long waits and holds took', async () => {
    const pool = bench.pool({ max: 1 })
    const client = await pool.connect()
    const second = pool.connect()
    await client.query('SELECT pg_sleep(0.05)')
    expect((await bench.now(pool)).oldestWaitMs).toBeGreaterThanOrEqual(50)
    client.release()
    ;(await second).release()
    const { window, oldestWaitMs } = await bench.now(pool)
    expect(window.wait.maxMs).toBeGreaterThanOrEqual(50)
    expect(window.hold.maxMs).toBeGreaterThanOrEqual(50)
    expect(oldestWaitMs).toBeNull()
  })

  it('names the server session and the code of each holder, longest held first', async () => {
    const pool = bench.pool({ max: 3 })
    async function checkOutForTheTest() {
      return await pool.connect()
    }
    const first = await checkOutForTheTest()
    const second = await checkOutForTheTest()
    const pids = await Promise.all(
      [first, second].map(
        async (c) => (await c.query('SELECT pg_backend_pid() AS pid')).rows[0].pid as number,
      ),
    )
    const { holders, sessionPids } = await bench.now(pool)
    expect(holders.map((holder) => holder.sessionPid)).toEqual(pids)
    expect(sessionPids.sort()).toEqual([...pids].sort())
    expect(holders[0]?.stack?.[0]).toMatch(/^checkOutForTheTest \(.*pg-counts\.test\.ts:\d+:\d+\)$/)
    expect(holders[0]?.stack?.join('\n')).not.toMatch(/node_modules|node:|connect\.ts/)
    first.release()
    second.release()
  })

  it('hands over from releaser to waiter without a peak above max', async () => {
    const pool = bench.pool({ max: 1 })
    const first = await pool.connect()
    const second = pool.connect()
    first.release()
    const client = await second
    const { inUse, window } = await bench.now(pool)
    expect([inUse, window.inUsePeak, window.waitingPeak]).toEqual([1, 1, 1])
    client.release()
  })

  it('does not call waiting whom an idle connection is about to serve', async () => {
    const pool = bench.pool({ max: 2 })
    const warm = await Promise.all([pool.connect(), pool.connect()])
    for (const client of warm) client.release()
    await bench.now(pool)
    await Promise.all([pool.query('SELECT 1'), pool.query('SELECT 1')])
    expect((await bench.now(pool)).window.waitingPeak).toBe(0)
  })

  it('sees both halves of a nested checkout that starves itself', async () => {
    const pool = bench.pool({ max: 2 })
    const open = await Promise.all([pool.connect(), pool.connect()])
    for (const client of open) client.release()
    // From now on: to open a connection may take longer.
    pool.options.connectionTimeoutMillis = 1000
    const nested = async () => {
      const outer = await pool.connect()
      try {
        ;(await pool.connect()).release()
      } finally {
        outer.release()
      }
    }
    const results = await Promise.allSettled([nested(), nested()])
    const failed = results.filter((result) => result.status === 'rejected').length
    expect(failed).toBeGreaterThan(0)
    expect(await bench.gauges(pool)).toEqual([0, 2, 0, 0])
    // Two to open the connections, two outer ones, and as many inner ones as did not fail.
    expect(await bench.totals()).toMatchObject({ checkouts: 6 - failed, timeouts: failed, holds: 6 - failed })
  })
})

describe('opening a connection', () => {
  it('counts a connecting client as neither idle nor in use', async () => {
    const silent = await SilentServer.start()
    const pool = bench.pool({ connectionString: silent.url, max: 2 })
    const asked = pool.connect().catch((error: Error) => error.message)
    expect(await bench.gauges(pool)).toEqual([0, 0, 1, 1])
    await silent.stop()
    expect(await asked).toMatch(/terminated/)
    expect(await bench.gauges(pool)).toEqual([0, 0, 0, 0])
    expect(await bench.totals()).toMatchObject({
      checkouts: 0,
      errors: 1,
      timeouts: 0,
      created: 0,
      destroyed: 0,
    })
  })

  it('counts a time-out while opening as a time-out', async () => {
    const silent = await SilentServer.start()
    const pool = bench.pool({ connectionString: silent.url, max: 2, connectionTimeoutMillis: 50 })
    await expect(pool.connect()).rejects.toThrow('timeout')
    expect(await bench.gauges(pool)).toEqual([0, 0, 0, 0])
    expect(await bench.totals()).toMatchObject({ timeouts: 1, errors: 0, created: 0, waits: 0 })
    await silent.stop()
  })

  it('counts an opening that fails as an error', async () => {
    const pool = bench.pool({ connectionString: `${bench.url}-missing` })
    await expect(pool.query('SELECT 1')).rejects.toThrow('does not exist')
    await expect(pool.connect()).rejects.toThrow('does not exist')
    expect(await bench.gauges(pool)).toEqual([0, 0, 0, 0])
    expect(await bench.totals()).toMatchObject({
      errors: 2,
      timeouts: 0,
      created: 0,
      destroyed: 0,
      checkouts: 0,
    })
  })

  it('makes the error of a failed opening name the code that asked', async () => {
    const pool = bench.pool({ host: '127.0.0.1', port: 1, connectionString: undefined })
    async function asksForOne() {
      await pool.connect()
    }
    await expect(asksForOne()).rejects.toSatisfy((error: Error) => String(error.stack).includes('asksForOne'))
  })

  it('counts a connection whose waiter gave up meanwhile as idle, not as a checkout', async () => {
    let opened = 0
    let go: () => void = () => {}
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const onConnect = async () => {
      if (++opened > 1) await gate
    }
    const pool = bench.pool({ max: 1, connectionTimeoutMillis: 4000, onConnect })
    const first = await pool.connect()
    const second = pool.connect().catch((error: Error) => error.message)
    first.release(true)
    await until(() => opened === 2)
    expect(await bench.gauges(pool)).toEqual([0, 0, 1, 1])
    expect(await second).toMatch('timeout exceeded')
    expect(await bench.gauges(pool)).toEqual([0, 0, 1, 0])
    go()
    await until(() => pool.idleCount === 1)
    expect(await bench.gauges(pool)).toEqual([0, 1, 0, 0])
    expect(await bench.totals()).toMatchObject({ checkouts: 1, timeouts: 1, errors: 0, holds: 1, created: 2 })
  })

  it('counts a connection that its hook refused as an error, never as open', async () => {
    const onConnect = async () => {
      throw new Error('not this one')
    }
    const pool = bench.pool({ max: 1, onConnect })
    await expect(pool.connect()).rejects.toThrow('not this one')
    await until(() => pool.totalCount === 0)
    expect(await bench.gauges(pool)).toEqual([0, 0, 0, 0])
    expect(await bench.totals()).toMatchObject({ errors: 1, created: 0, destroyed: 0, checkouts: 0 })
  })

  it('counts a connection under verification as connecting', async () => {
    let pass: (() => void) | undefined
    const pool = bench.pool({ max: 1, verify: (_client, done) => (pass = () => done()) })
    const asked = pool.connect()
    await until(() => pass)
    expect(await bench.gauges(pool)).toEqual([0, 0, 1, 1])
    pass?.()
    ;(await asked).release()
    expect(await bench.gauges(pool)).toEqual([0, 1, 0, 0])
  })
})
