import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startPostgres } from '@poolscope/lab'
import { health, healthHandler } from '@poolscope/probe/health'
import { unwatch } from '@poolscope/probe/pg'
import { fastify } from 'fastify'
import type { Pool, PoolClient } from 'pg'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Bench } from './pg.fixture.ts'

const STUCK = 'Stuck: full, and nothing came back for 30 s.'
const RECOVERING = 'Recovering: it was stuck, and connections come back again.'
const CROWDED = 'High connection wait queue'

let server: Awaited<ReturnType<typeof startPostgres>>
let bench: Bench
/** How far the clock of the process is put forward, ms. */
let aheadMs = 0

beforeAll(async () => {
  server = await startPostgres()
  const now = performance.now.bind(performance)
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + aheadMs)
  return async () => {
    clock.mockRestore()
    await server.stop()
  }
})
beforeEach(async () => {
  bench = await Bench.start(server.url)
})
afterEach(() => bench.stop())

/** A full pool, with callers that wait in the order in which they are listed. */
async function full(size: number, callers: number) {
  const pool = bench.pool({ max: size })
  const held = await Promise.all(Array.from({ length: size }, () => pool.connect()))
  const queue = Array.from({ length: callers }, () => pool.connect())
  return {
    pool,
    /** Gives one back, and waits until the next caller has it. */
    pass: async () => {
      held.shift()?.release()
      const next = queue.shift()
      if (next !== undefined) held.push(await next)
    },
    end: async () => {
      for (const client of held) client.release()
      for (const waiting of queue) (await waiting).release()
    },
  }
}

/** Status and reason of the only pool. */
function judged(options = {}): [string, string | null | undefined] {
  const { status, pools, reasons } = health(options)
  expect(pools).toHaveLength(1)
  expect(reasons).toEqual(pools[0]?.reason == null ? [] : [`p: ${pools[0].reason}`])
  return [status, pools[0]?.reason]
}

describe(health, () => {
  it('knows no pool where none is watched, which is no failure', () => {
    expect(health()).toEqual({ status: 'healthy', pools: [], reasons: [] })
  })

  it('takes a full pool whose connections come back for busy, however many wait and however slowly', async () => {
    const { pass, end } = await full(2, 40)
    for (let i = 0; i < 3; i++) {
      aheadMs += 25_000
      await pass()
    }
    aheadMs += 25_000
    const { status, pools } = health()
    expect([status, pools[0]]).toMatchObject(['healthy', { busy: true, inUse: 2, max: 2, waiting: 37 }])
    // 25 s were put on the clock since the last one came back, and less than 5 s went by.
    expect(pools[0]?.stillMs).toBeGreaterThanOrEqual(25_000)
    await end()
  })

  it('takes a full pool to which nothing came back for 30 s for stuck, and takes no connection to say so', async () => {
    const { pool, end } = await full(2, 3)
    expect(judged()).toEqual(['healthy', null])
    aheadMs += 30_000
    expect(judged()).toEqual(['unhealthy', STUCK])
    expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([2, 0, 3])
    await end()
  })

  it('trusts a pool that was stuck once connections came back for 5 s, and not when it is stuck again', async () => {
    const { pass, end } = await full(1, 3)
    aheadMs += 30_000
    expect(judged()).toEqual(['unhealthy', STUCK])
    await pass()
    expect(judged()).toEqual(['degraded', RECOVERING])
    aheadMs += 30_000
    expect(judged()).toEqual(['unhealthy', STUCK])
    await end()
    expect(judged()).toEqual(['degraded', RECOVERING])
    aheadMs += 5000
    expect(judged()).toEqual(['healthy', null])
  })

  it('is not stuck when it was idle for long and is full since a moment ago', async () => {
    const pool = bench.pool({ max: 1 })
    ;(await pool.connect()).release()
    aheadMs += 600_000
    const client = await pool.connect()
    expect(judged()).toEqual(['healthy', null])
    client.release()
  })

  it('takes many callers for a failure in the compatibility mode alone, until few wait', async () => {
    const { pass, end } = await full(1, 11)
    const compatibility = true
    expect(judged()).toEqual(['healthy', null])
    expect(judged({ compatibility })).toEqual(['degraded', CROWDED])
    for (let i = 0; i < 5; i++) await pass()
    // 11 less 5 is 6: more than five.
    expect(judged({ compatibility })).toEqual(['degraded', CROWDED])
    await pass()
    expect(judged({ compatibility })).toEqual(['healthy', null])
    await end()
  })

  it('leaves a pool alone whose connections listen, as they are meant to', async () => {
    const pool = bench.pool({ max: 1 })
    const client: PoolClient = await pool.connect()
    client.on('notification', () => {})
    await client.query('LISTEN news')
    await bench.now(pool)
    aheadMs += 600_000
    expect(judged()).toEqual(['healthy', null])
    client.release()
  })

  it('forgets a pool that is watched no more', async () => {
    const pool: Pool = bench.pool({ max: 1 })
    expect(health().pools).toHaveLength(1)
    unwatch(pool)
    expect(health().pools).toEqual([])
  })
})

describe(healthHandler, () => {
  const ask = async (url: string) => {
    const response = await fetch(url)
    const { status, reasons } = (await response.json()) as ReturnType<typeof health>
    return [response.status, status, reasons, response.headers.get('cache-control')]
  }

  it('answers under node:http and Fastify, 503 while something is wrong', async () => {
    const plain = createServer(healthHandler()).listen(0, '127.0.0.1')
    await once(plain, 'listening')
    const app = fastify()
    app.get('/', healthHandler())
    const urls = [
      `http://127.0.0.1:${(plain.address() as AddressInfo).port}`,
      await app.listen({ port: 0, host: '127.0.0.1' }),
    ]
    try {
      const { end } = await full(1, 2)
      for (const url of urls) expect(await ask(url)).toEqual([200, 'healthy', [], 'no-store'])
      aheadMs += 30_000
      for (const url of urls) expect(await ask(url)).toEqual([503, 'unhealthy', [`p: ${STUCK}`], 'no-store'])
      await end()
    } finally {
      await app.close()
      plain.closeAllConnections()
      await new Promise((resolve) => plain.close(resolve))
    }
  })
})
