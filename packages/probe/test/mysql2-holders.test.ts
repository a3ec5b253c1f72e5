import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { flush, watch } from '@poolscope/probe/mysql2'
import type { HolderReport } from '@poolscope/protocol'
import type { PoolConnection as CoreConnection } from 'mysql2'
import mysql, { type Pool, type PoolConnection } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { delivered, FakeAgent } from './agent.ts'
import { type MysqlForTest, startMysqlForTest } from './mysql2.fixture.ts'

setFlagsFromString('--expose-gc')
const gc: () => void = runInNewContext('gc')

let server: MysqlForTest
let agent: FakeAgent
const pools: Pool[] = []

beforeAll(async () => {
  server = await startMysqlForTest()
})
afterAll(() => server?.stop())
beforeEach(async () => {
  agent = await FakeAgent.start()
})
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.end()
  await flush()
  expect(agent.invalid).toEqual([])
  await agent.stop()
})

function pooled(options: { proveLeaks?: boolean } = {}): Pool {
  const { stop: _, ...settings } = server
  const pool = watch(mysql.createPool({ ...settings, connectionLimit: 2 }), {
    url: agent.url,
    name: 'p',
    ...options,
  })
  pools.push(pool)
  return pool
}

/** The connection that a promise connection is a shell around. */
const core = (shell: PoolConnection) => (shell as unknown as { connection: CoreConnection }).connection

async function shows(wanted: (holder: HolderReport) => boolean): Promise<HolderReport> {
  const deadline = performance.now() + 45_000
  for (;;) {
    await delivered(flush)
    const [holder] = agent.pool('p').holders
    if (holder !== undefined && wanted(holder)) return holder
    if (performance.now() > deadline) throw new Error(`not within 45 s: ${JSON.stringify(holder)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('a held connection of mysql2', () => {
  it('is not quiet while a statement runs, and grows quiet after it', async () => {
    const connection = await pooled().getConnection()
    // A MySQL answers a sleep that is ended early, a MariaDB does not.
    const slept = connection.query('SELECT SLEEP(600)').catch(() => {})
    expect(await shows(({ heldMs }) => heldMs > 600)).toMatchObject({ running: true, quietMs: 0 })
    const { stop: _, ...settings } = server
    const other = await mysql.createConnection(settings)
    await other.query(`KILL QUERY ${connection.threadId}`)
    await other.end()
    await slept
    const quiet = await shows(({ quietMs }) => (quietMs ?? 0) > 600)
    expect(quiet).toMatchObject({ running: false, transaction: null })
    connection.release()
  })

  it('grows quiet while nobody reads the stream of its rows', async () => {
    const connection = await pooled().getConnection()
    // 1000 rows of 20,000 bytes: more than anything between here and there keeps.
    const sql = `WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
 SELECT i, REPEAT(?, 20000) FROM n`
    const rows = core(connection).query(sql, ['x']).stream()
    await new Promise((resolve) => rows.once('readable', resolve))
    expect(await shows(({ quietMs }) => (quietMs ?? 0) > 600)).toMatchObject({ running: false })
    rows.destroy()
    connection.destroy()
  })

  it('is known to be lost when its holder was collected, where leaks are to be proven', async () => {
    const pool = pooled({ proveLeaks: true })
    const forget = () =>
      pool.getConnection().then((connection) => connection.query('SELECT 1').then(() => {}))
    await forget()
    await shows(({ gone }) => {
      gc()
      return gone === true
    })
    const kept = await pool.getConnection()
    expect((await kept.query('SELECT 2 AS two'))[0]).toEqual([{ two: 2 }])
    pool.releaseConnection(kept)
    await shows(({ gone }) => gone === true)
    expect(agent.pool('p')).toMatchObject({ inUse: 1, idle: 1 })
  })
})
