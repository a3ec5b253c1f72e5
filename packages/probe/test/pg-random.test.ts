import { startPostgres } from '@poolscope/lab'
import { flush } from '@poolscope/probe/pg'
import type { Pool, PoolClient } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { delivered, until } from './agent.ts'
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

/** What the callers of a pool know for themselves, to hold against what the probe says. */
class Callers {
  readonly held: PoolClient[] = []
  asked = 0
  served = 0
  timedOut = 0

  get waiting(): number {
    return this.asked - this.served - this.timedOut
  }

  async ask(pool: Pool): Promise<void> {
    this.asked++
    try {
      const client = await pool.connect()
      client.on('error', () => {})
      this.served++
      this.held.push(client)
    } catch {
      this.timedOut++
    }
  }
}

describe('a pool under any sequence of calls', () => {
  it.each([1, 2, 3])('is counted as its callers count (seed %d)', async (seed) => {
    let state = seed
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    const pool = bench.pool({ max: 3, connectionTimeoutMillis: 400, idleTimeoutMillis: 40, maxUses: 5 })
    const callers = new Callers()
    const steps: (() => unknown)[] = [
      () => callers.ask(pool),
      () => callers.ask(pool),
      () => callers.held.shift()?.release(),
      () => callers.held.pop()?.release(),
      () => callers.held.shift()?.release(true),
      () => callers.held[0]?.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => {}),
      () => new Promise((resolve) => setTimeout(resolve, random(60))),
      () => new Promise((resolve) => setImmediate(resolve)),
    ]
    for (let i = 0; i < 150; i++) {
      await Promise.race([steps[random(steps.length)]?.(), new Promise((resolve) => setImmediate(resolve))])
      if (i % 10 === 0) await settled(pool, callers)
    }
    await until(() => {
      callers.held.pop()?.release()
      return callers.waiting + callers.held.length + pool.totalCount === 0
    })
    await settled(pool, callers)
    const totals = await bench.totals()
    expect(totals).toMatchObject({ checkouts: callers.served, timeouts: callers.timedOut, errors: 0 })
    expect([totals.waits, totals.holds]).toEqual([callers.served, callers.served])
    expect(totals.creates).toBe(totals.created)
    await pool.end()
    expect(await bench.totals()).toMatchObject({ created: totals.created, destroyed: totals.created })
  })
})

/** The probe, the driver and the callers agree, once a report was built with nothing happening in between. */
async function settled(pool: Pool, callers: Callers): Promise<void> {
  const known = () => [callers.held.length, callers.waiting, pool.totalCount, pool.idleCount].join()
  for (let attempt = 0; attempt < 200; attempt++) {
    const before = known()
    await delivered(flush)
    const { inUse, waiting, idle, connecting } = bench.agent.pool('p')
    if (before !== known()) continue
    expect([inUse, waiting, inUse + idle + connecting, idle].join()).toBe(before)
    return
  }
  throw new Error('the pool never came to rest')
}
