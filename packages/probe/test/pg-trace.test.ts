import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as later } from 'node:timers/promises'
import { startPostgres } from '@poolscope/lab'
import { flush } from '@poolscope/probe/pg'
import { decodeTrace, type TraceBlock } from '@poolscope/protocol'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { delivered } from './agent.ts'
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

/** All windows that were reported, and where each began. */
async function windows(): Promise<{ fromMs: number; block: TraceBlock }[]> {
  await delivered(flush)
  return bench.agent.all('p').flatMap(({ trace }) => {
    if (!trace) return []
    return [{ fromMs: trace.fromMs, block: decodeTrace(Buffer.from(trace.data, 'base64')) }]
  })
}

describe('the trace of a pg pool', () => {
  it('has every checkout once, with its wait and its hold, in windows without a gap', async () => {
    const pool = bench.pool({ max: 1 })
    await pool.query('SELECT 1')
    await flush()
    await Promise.all([1, 2, 3].map(() => pool.query('SELECT pg_sleep(0.05)')))
    const all = await windows()
    const holds = all.flatMap(({ block }) => [...block.holdMs])
    const waits = all.flatMap(({ block }) => [...block.waitMs]).sort((a, b) => a - b)
    expect(holds).toHaveLength(4)
    // That of the first takes as long as it takes.
    expect(holds.filter((ms) => ms >= 49).length).toBeGreaterThanOrEqual(3)
    // One at a time: the second of the three waits for one sleep, the third for two.
    expect(waits.at(-2)).toBeGreaterThanOrEqual(49)
    expect(waits.at(-1)).toBeGreaterThanOrEqual(98)
    all.slice(1).forEach(({ fromMs }, i) => {
      const before = all[i]
      expect(Math.abs(fromMs - ((before?.fromMs ?? 0) + (before?.block.windowMs ?? 0)))).toBeLessThan(0.2)
    })
  })

  it('has those who gave up waiting, with how long they did', async () => {
    const pool = bench.pool({ max: 1 })
    const held = await pool.connect()
    pool.options.connectionTimeoutMillis = 60
    await expect(pool.connect()).rejects.toThrow(/timeout/)
    held.release()
    const blocks = (await windows()).map(({ block }) => block)
    const gaveUp = blocks.flatMap((block) =>
      [...block.waitMs].filter((_, i) => Number.isNaN(block.holdMs[i])),
    )
    expect(gaveUp).toHaveLength(1)
    expect(gaveUp[0]).toBeGreaterThanOrEqual(55)
  })

  it('tells the checkouts of one HTTP request from those of another, if asked to', async () => {
    const pool = bench.pool({ max: 3 }, { callers: true })
    const web = createServer(async (_request, response) => {
      for (let i = 0; i < 3; i++) {
        await pool.query('SELECT 1')
        await later(1)
      }
      response.end()
    })
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
    await Promise.all(Array.from({ length: 5 }, async () => (await fetch(url)).text()))
    await pool.query('SELECT 1')
    const ids = (await windows()).flatMap(({ block }) => [...block.caller])
    const counts = new Map<number, number>()
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
    // The one outside of a request has no caller; five requests with three each.
    expect(counts.get(0)).toBe(1)
    counts.delete(0)
    expect([...counts.values()]).toEqual([3, 3, 3, 3, 3])
    web.closeAllConnections()
    await new Promise((resolve) => web.close(resolve))
  })
})
