import { watch } from '@poolscope/probe/pg'
import type { Fleet, Holder, Holders } from '@poolscope/protocol'
import { postgresVersions } from '@poolscope/testkit'
import { Client, Pool, type PoolClient } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RunningAgent } from '../src/start-agent.ts'
import { startWatchingAgent } from './watching-agent.ts'

const [version] = postgresVersions()
const SECRET = 'canary-literal'

let server: Awaited<ReturnType<typeof version.start>>
let agent: RunningAgent
beforeAll(async () => {
  server = await version.start({ maxConnections: 30 })
  agent = await startWatchingAgent([server.url], { leakQuietMs: { '*': 1000 } })
  const admin = new Client(server.url)
  await admin.connect()
  await admin.query("CREATE TABLE stock (id int PRIMARY KEY, note text); INSERT INTO stock VALUES (1, '')")
  await admin.end()
})
afterAll(async () => {
  await agent?.close()
  await server?.stop()
})

let pools: Pool[]
let held: PoolClient[]
beforeEach(() => {
  pools = []
  held = []
})
afterEach(async () => {
  for (const client of held) client.release(true)
  for (const pool of pools) await pool.end()
})

function pooled(service: string): Pool {
  const pool = new Pool({ connectionString: server.url, max: 5 })
  pools.push(pool)
  return watch(pool, { service, name: 'stock', instance: 'one', url: agent.url })
}

async function take(pool: Pool): Promise<PoolClient> {
  const client = await pool.connect()
  held.push(client)
  return client
}

async function json<Answer>(path: string): Promise<Answer> {
  return (await (await fetch(agent.url + path)).json()) as Answer
}

async function holdersOf(service: string): Promise<Holders | null> {
  const { pools } = await json<Fleet>('/api/v1/fleet')
  const pool = pools.find((one) => one.service === service)
  return pool === undefined ? null : await json<Holders>(`/api/v1/pools/${pool.id}/holders`)
}

/** Waits until the longest held connection of a service is as wanted. */
async function shows(service: string, wanted: (holder: Holder, all: Holders) => boolean): Promise<Holder> {
  const deadline = performance.now() + 45_000
  for (;;) {
    const holders = await holdersOf(service)
    const [holder] = holders?.holders ?? []
    if (holders !== null && holder !== undefined && wanted(holder, holders)) return holder
    if (performance.now() > deadline) throw new Error(`not within 45 s: ${JSON.stringify(holder)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const isSuspected = ({ suspectedSinceMs }: Holder) => suspectedSinceMs !== null

describe('what is known of a holder', () => {
  it('names a leaked transaction, what it ran last, and whom it keeps waiting', async () => {
    const leak = await take(pooled('leaky'))
    await leak.query('BEGIN')
    await leak.query(`UPDATE stock SET note = '${SECRET}' WHERE id = 1`)
    const waiter = await take(pooled('waits'))
    const waits = waiter.query(`UPDATE stock SET note = '${SECRET} too' WHERE id = 1`)
    const blocker = await shows(
      'leaky',
      (holder) =>
        isSuspected(holder) &&
        holder.blocks === 1 &&
        holder.lastStatement !== null &&
        holder.stackState === 'captured' &&
        holder.locks !== null,
    )
    // What is known of the one who blocks reaches the one who is blocked at the next look.
    const blocked = await shows(
      'waits',
      ({ blockedBy, activity }) => (blockedBy?.stack ?? null) !== null && activity === 'blocked',
    )
    expect(blocker).toMatchObject({
      activity: 'idle_in_transaction',
      transaction: 'open',
      sessionState: 'idle in transaction',
      lastStatement: 'UPDATE stock SET note = ? WHERE id = ?',
      stackState: 'captured',
      quietLimitMs: 1000,
    })
    expect(blocker.site).toMatch(/^take \(.*holders\.test\.ts:\d+:\d+\)$/)
    expect(blocker.site).toBe(blocker.stack?.[0])
    expect(blocker.transactionMs).toBeGreaterThan(0)
    // Its index is locked with the table, and is not named.
    expect(blocker.locks).toEqual({
      listed: [
        {
          kind: 'relation',
          mode: 'RowExclusiveLock',
          relation: 'public.stock',
          granted: true,
          count: 1,
        },
      ],
      complete: true,
      rows: null,
    })
    expect(blocked.locks).toBeNull()
    expect(blocked).toMatchObject({
      activity: 'blocked',
      quietMs: 0,
      suspectedSinceMs: null,
      waitEventType: 'Lock',
      blockedBy: {
        sessionPid: blocker.sessionPid,
        poolId: blocker.poolId,
        service: 'leaky',
        stack: blocker.stack,
      },
    })
    expect(JSON.stringify([blocked, blocker])).not.toContain(SECRET)
    await leak.query('ROLLBACK')
    await waits
    await shows('leaky', (holder, { lateReturns }) => !isSuspected(holder) && lateReturns.total === 1)
  })

  it('suspects neither a listener nor a statement that runs for long', async () => {
    const listener = await take(pooled('listens'))
    listener.on('notification', () => {})
    await listener.query('LISTEN orders')
    const report = await take(pooled('reports'))
    const slept = report.query('SELECT pg_sleep(600)').catch(String)
    const running = await shows(
      'reports',
      ({ heldMs, activity, lastStatement }) =>
        heldMs > 2200 && activity === 'running' && lastStatement !== null,
    )
    expect(running).toMatchObject({ activity: 'running', lastStatement: 'SELECT pg_sleep(?)' })
    expect(isSuspected(running)).toBe(false)
    const quiet = await shows('listens', ({ quietMs, lastStatement }) => {
      return (quietMs ?? 0) > 2000 && lastStatement !== null
    })
    expect(quiet).toMatchObject({
      suspectedSinceMs: null,
      quietLimitMs: null,
      lastStatement: 'LISTEN orders',
    })
    await listener.query(
      "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'",
    )
    expect(await slept).toContain('canceling statement')
  })

  it('does not take what the holder before ran for the holder’s own', async () => {
    const pool = pooled('unused')
    await pool.query('SELECT 1 AS before')
    await new Promise((resolve) => setTimeout(resolve, 300))
    await take(pool)
    expect(await shows('unused', isSuspected)).toMatchObject({ activity: 'idle', lastStatement: null })
  })

  it('asks for every stack of a pool in which a hold is suspected', async () => {
    const pool = pooled('sampled')
    // The first 16 after a report are captured in any case; few of those after them.
    const warm = async () => {
      for (let i = 0; i < 20; i++) (await pool.connect()).release()
    }
    const unseen: PoolClient[] = []
    for (let i = 0; i < 4; i++) {
      await warm()
      unseen.push(await take(pool))
    }
    await shows('sampled', (_, { holders }) =>
      holders.some(({ stackState }) => stackState === 'capturing' || stackState === 'captured'),
    )
    await shows('sampled', (_, { holders }) => holders.some(isSuspected))
    for (const client of unseen.splice(0)) client.release()
    held = []
    for (let i = 0; i < 4; i++) {
      await warm()
      await take(pool)
    }
    await shows('sampled', (_, { holders }) => holders.every(({ site }) => site?.includes('take') === true))
  })
})
