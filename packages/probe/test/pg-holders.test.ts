import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { startPostgres } from '@poolscope/lab'
import type { HolderReport } from '@poolscope/protocol'
import type { Pool, PoolClient } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { until } from './agent.ts'
import { Bench, SLEEP, wakeAll } from './pg.fixture.ts'

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

/** What the report says of the only holder. */
async function holderOf(pool: Pool): Promise<HolderReport> {
  const [holder] = (await bench.now(pool)).holders
  if (holder === undefined) throw new Error('nobody holds')
  return holder
}

/** Waits until a new report of the only holder is as wanted. */
async function shows(pool: Pool, wanted: (holder: HolderReport) => boolean): Promise<HolderReport> {
  const deadline = performance.now() + 45_000
  for (;;) {
    const holder = await holderOf(pool)
    if (wanted(holder)) return holder
    if (performance.now() > deadline) throw new Error(`not within 45 s: ${JSON.stringify(holder)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const quietFor = (ms: number) => (holder: HolderReport) => (holder.quietMs ?? 0) >= ms

describe('a held connection', () => {
  it('grows quiet when nothing runs on it, never longer than it is held', async () => {
    const pool = bench.pool({ max: 1 })
    const client = await pool.connect()
    const quiet = await shows(pool, quietFor(600))
    expect(quiet.quietMs).toBeLessThanOrEqual(quiet.heldMs)
    expect(quiet).toMatchObject({ running: false, transaction: 'none', listening: false })
    const askedMs = performance.now()
    await client.query('SELECT 1')
    const { quietMs, heldMs } = await holderOf(pool)
    expect(quietMs).toBeLessThan(performance.now() - askedMs)
    expect(heldMs).toBeGreaterThanOrEqual(600 + Number(quietMs))
    client.release()
  })

  it('is not quiet while a statement runs', async () => {
    const pool = bench.pool({ max: 1 })
    const client = await pool.connect()
    const slept = expect(client.query(SLEEP)).rejects.toThrow('canceling statement')
    await shows(pool, (holder) => holder.heldMs > 600)
    expect(await holderOf(pool)).toMatchObject({ running: true, quietMs: 0 })
    await wakeAll(server.url)
    await slept
    client.release()
  })

  it('tells an open transaction from a failed one and from none', async () => {
    const pool = bench.pool({ max: 1 })
    const client = await pool.connect()
    // A statement's result may be there a moment before the word that the server is ready for the next.
    const becomes = (state: string) => shows(pool, ({ transaction }) => transaction === state)
    await becomes('none')
    await client.query('BEGIN')
    await becomes('open')
    await expect(client.query('SELECT no_such_column')).rejects.toThrow('does not exist')
    await becomes('failed')
    await client.query('ROLLBACK')
    await becomes('none')
    client.release()
  })

  it('is told apart when it listens', async () => {
    const pool = bench.pool({ max: 1 })
    const client = await pool.connect()
    client.on('notification', () => {})
    await client.query('LISTEN orders')
    expect((await holderOf(pool)).listening).toBe(true)
    client.release(true)
  })

  it('counts looks that find a statement running and such that do not', async () => {
    const pool = bench.pool({ max: 1 })
    const client = await pool.connect()
    const looks = () =>
      bench.agent.all('p').reduce(
        (sum, { window }) => ({
          busy: sum.busy + (window.looks?.busy ?? 0),
          idle: sum.idle + (window.looks?.idle ?? 0),
        }),
        { busy: 0, idle: 0 },
      )
    await until(() => looks().idle > 0)
    expect(looks().busy).toBe(0)
    const slept = expect(client.query(SLEEP)).rejects.toThrow('canceling statement')
    await until(() => looks().busy > 0)
    await wakeAll(server.url)
    await slept
    client.release()
  })
})

describe('stacks that the agent asks for', () => {
  it('are captured of every checkout for a while', async () => {
    const pool = bench.pool({ max: 1 })
    await bench.now(pool)
    let asked = false
    bench.agent.answer = (response) => {
      asked = true
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({
          accepted: 1,
          dropped: 0,
          captureStacks: [{ system: 'postgresql', name: 'p', forMs: 30_000 }],
        }),
      )
    }
    await until(() => asked)
    bench.agent.answer = null
    await bench.now(pool)
    // Without being asked for, the first 16 would be captured, and then one in 64.
    for (let i = 0; i < 40; i++) (await pool.connect()).release()
    const client = await pool.connect()
    expect((await holderOf(pool)).stack?.[0]).toContain('pg-holders.test.ts')
    client.release()
  })
})

setFlagsFromString('--expose-gc')
const gc: () => void = runInNewContext('gc')

describe('a connection whose holder was collected as garbage', () => {
  /** A pool whose lost connections end without a listener's help. */
  const proving = (max: number) => {
    const pool = bench.pool({ max }, { proveLeaks: true })
    pool.on('connect', (client) => client.on('error', () => {}))
    return pool
  }

  /** Takes a connection and forgets it. In a function of its own, so that no frame keeps it. */
  const forget = (pool: Pool) => pool.connect().then((client) => client.query('SELECT 1').then(() => {}))

  it('is known to be lost where leaks are to be proven', async () => {
    const pool = proving(2)
    await forget(pool)
    const lost = await shows(pool, (holder) => {
      gc()
      return holder.gone === true
    })
    expect(lost.quietMs).toBeGreaterThanOrEqual(0)
  })

  it('is not called lost while someone could still give it back', async () => {
    const pool = proving(2)
    let release: () => void = () => {}
    await new Promise<void>((resolve, reject) =>
      pool.connect((error, _client, done) => {
        if (error) return reject(error)
        release = done
        resolve()
      }),
    )
    await shows(pool, (holder) => {
      gc()
      return holder.heldMs > 500
    })
    expect((await holderOf(pool)).gone).toBeUndefined()
    release()
    expect(await bench.gauges(pool)).toEqual([0, 1, 0, 0])
  })

  it('stands in for the connection in all that it does', async () => {
    const pool = proving(1)
    const client: PoolClient = await pool.connect()
    expect(client.on('error', () => {})).toBe(client)
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    await expect(client.query('SELECT no_such_column')).rejects.toThrow('does not exist')
    client.release()
    expect(() => client.release()).toThrow('already been released')
    expect((await pool.query('SELECT 2 AS two')).rows).toEqual([{ two: 2 }])
    expect(await bench.gauges(pool)).toEqual([0, 1, 0, 0])
  })
})
