import { startPostgres } from '@poolscope/lab'
import { flush, unwatch } from '@poolscope/probe/pg'
import type { Pool, PoolClient } from 'pg'
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

const turnable = { min: 1, max: 8 }
const taken = (pool: Pool, count: number) => Promise.all(Array.from({ length: count }, () => pool.connect()))
const giveBack = (clients: readonly PoolClient[]) => clients.forEach((client) => void client.release())

/** The agent wants this limit, and the pool has heard of it. */
async function want(max: number, forMs = 60_000): Promise<void> {
  bench.agent.wanted = [{ system: 'postgresql', name: 'p', max, forMs }]
  await heard()
}

/** A report that began after this call was answered. */
async function heard(): Promise<void> {
  const { length } = bench.agent.received
  await until(() => {
    void flush()
    return bench.agent.received.length > length + 1
  })
  await flush()
}

/** Connections of pools as the server counts them. */
async function sessions(pool: Pool): Promise<number> {
  const { rows } = await pool.query(
    'SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = $1',
    [pool.options.application_name],
  )
  return rows[0].count
}

describe('a pg pool that is turned', () => {
  it('serves those who wait already when it grows', async () => {
    const pool = bench.pool({ max: 1 }, { turnable })
    const held = await taken(pool, 1)
    const waiting = taken(pool, 3)
    expect([pool.totalCount, pool.waitingCount]).toEqual([1, 3])
    await want(4)
    held.push(...(await waiting))
    expect([pool.options.max, pool.totalCount, pool.waitingCount]).toEqual([4, 4, 0])
    await flush()
    expect(bench.agent.pool('p')).toMatchObject({
      max: 4,
      inUse: 4,
      turnable: { least: 1, most: 8, original: 1 },
    })
    giveBack(held)
  })

  it('closes idle connections at once when it shrinks', async () => {
    const pool = bench.pool({ max: 5, application_name: 'idle ones' }, { turnable })
    giveBack(await taken(pool, 5))
    await want(2)
    expect(pool.totalCount).toBe(2)
    await expect.poll(() => sessions(pool), { timeout: 10_000 }).toBe(2)
    await expect.poll(() => bench.gauges(pool), { timeout: 10_000 }).toEqual([0, 2, 0, 0])
  })

  it('closes those in use as they are given back, though others wait, and serves these in their order', async () => {
    const pool = bench.pool({ max: 4, application_name: 'used ones' }, { turnable })
    const held = await taken(pool, 4)
    const order: number[] = []
    const waiting = [1, 2, 3].map(async (place) => {
      const client = await pool.connect()
      order.push(place)
      return client
    })
    await want(2)
    expect([pool.totalCount, pool.waitingCount]).toEqual([4, 3])
    giveBack(held.splice(0, 2))
    expect([pool.totalCount, pool.waitingCount]).toEqual([2, 3])
    giveBack(held)
    for (const client of waiting) (await client).release()
    expect(order).toEqual([1, 2, 3])
    expect(pool.totalCount).toBe(2)
    await expect.poll(() => sessions(pool), { timeout: 10_000 }).toBe(2)
    await expect.poll(async () => (await bench.totals()).destroyed, { timeout: 10_000 }).toBe(2)
    expect(pool.listenerCount('release')).toBe(1)
  })

  it('goes back to its original when the agent wants nothing any more', async () => {
    const pool = bench.pool({ max: 3 }, { turnable })
    await want(5)
    expect(pool.options.max).toBe(5)
    bench.agent.wanted = []
    await heard()
    expect(pool.options.max).toBe(3)
  })

  it('goes back to its original when the agent is gone', async () => {
    const pool = bench.pool({ max: 3 }, { turnable })
    await want(5, 300_000)
    expect(pool.options.max).toBe(5)
    bench.agent.wanted = [{ system: 'postgresql', name: 'p', max: 5, forMs: 50 }]
    await heard()
    bench.agent.answer = (response) => response.destroy()
    await until(() => pool.options.max === 3)
  })

  it('is not turned beyond its bounds, and what was in force before is undone', async () => {
    const pool = bench.pool({ max: 3 }, { turnable })
    await want(5)
    expect(pool.options.max).toBe(5)
    await want(9)
    expect(pool.options.max).toBe(3)
  })

  it.each([undefined, { min: 0, max: 5 }, { min: 5, max: 4 }, { min: 1, max: 2.5 }])(
    'is not turned at all where its process allows %j',
    async (bounds) => {
      const pool = bench.pool({ max: 3 }, bounds === undefined ? {} : { turnable: bounds })
      await want(4)
      expect(pool.options.max).toBe(3)
      expect(bench.agent.pool('p')).not.toHaveProperty('turnable')
    },
  )

  it('leaves a limit alone that its process has changed itself since', async () => {
    const pool = bench.pool({ max: 3 }, { turnable })
    await want(5)
    pool.options.max = 7
    bench.agent.wanted = []
    await heard()
    expect(pool.options.max).toBe(7)
  })

  it('goes back to its original when it is watched no more', async () => {
    const pool = bench.pool({ max: 3 }, { turnable })
    await want(5)
    unwatch(pool)
    expect(pool.options.max).toBe(3)
  })
})
