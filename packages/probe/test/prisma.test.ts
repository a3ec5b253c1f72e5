import { startPostgres } from '@poolscope/lab'
import { PrismaPg } from '@prisma/adapter-pg'
import type { Pool, PoolConfig } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { until } from './agent.ts'
import { Bench } from './pg.fixture.ts'

type Adapter = Awaited<ReturnType<PrismaPg['connect']>>

let server: Awaited<ReturnType<typeof startPostgres>>
let bench: Bench

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server?.stop())
beforeEach(async () => {
  bench = await Bench.start(server.url)
})
afterEach(() => bench.stop())

/** What a Prisma client does with its adapter when it connects; the pool is watched before that. */
async function connected(config: PoolConfig): Promise<{ pool: Pool; adapter: Adapter }> {
  const pool = bench.pool(config)
  return { pool, adapter: await new PrismaPg(pool).connect() }
}

const select = (sql: string) => ({ sql, args: [], argTypes: [] })

describe('a watched pool below Prisma’s driver adapter', () => {
  it('counts each query as one checkout', async () => {
    const { pool, adapter } = await connected({ max: 3 })
    const { rows } = await adapter.queryRaw(select('SELECT 7'))
    expect(rows).toEqual([[7]])
    await Promise.all([1, 2, 3, 4, 5].map(() => adapter.queryRaw(select('SELECT 1 FROM pg_sleep(0.02)'))))
    expect(await bench.gauges(pool)).toEqual([0, 3, 0, 0])
    expect(await bench.totals()).toMatchObject({ checkouts: 6, waits: 6, holds: 6, created: 3, errors: 0 })
  })

  it('shows a transaction as a holder with its session, and a query beside it as one who waits', async () => {
    const { pool, adapter } = await connected({ max: 1 })
    const transaction = await adapter.startTransaction()
    const { rows } = await transaction.queryRaw(select('SELECT pg_backend_pid()'))
    const query = adapter.queryRaw(select('SELECT 1'))
    expect(await bench.gauges(pool)).toEqual([1, 0, 0, 1])
    const { holders } = await bench.now(pool)
    expect(holders).toMatchObject([{ sessionPid: rows[0]?.[0] }])
    await transaction.executeRaw(select('COMMIT'))
    await transaction.commit()
    await query
    expect(await bench.gauges(pool)).toEqual([0, 1, 0, 0])
  })

  it('counts a query that found no connection in time as a time-out', async () => {
    const { pool, adapter } = await connected({ max: 1 })
    const transaction = await adapter.startTransaction()
    pool.options.connectionTimeoutMillis = 500
    await expect(adapter.queryRaw(select('SELECT 1'))).rejects.toThrow()
    expect(await bench.gauges(pool)).toEqual([1, 0, 0, 0])
    expect(await bench.totals()).toMatchObject({ timeouts: 1, errors: 0, checkouts: 1 })
    await transaction.executeRaw(select('ROLLBACK'))
    await transaction.rollback()
  })

  it('stays watched when the client disconnects, until its owner ends it', async () => {
    const { pool, adapter } = await connected({ max: 1 })
    await adapter.queryRaw(select('SELECT 1'))
    await adapter.dispose()
    expect(await bench.gauges(pool)).toEqual([0, 1, 0, 0])
    await pool.end()
    await until(() => bench.agent.pool('p').ended)
  })
})
