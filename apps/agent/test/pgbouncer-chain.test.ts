import { watch } from '@poolscope/probe/pg'
import type { Fleet, PoolNow, ServerNow, Sessions } from '@poolscope/protocol'
import { eventually, postgresVersions, type RunningPgBouncer, startPgBouncer } from '@poolscope/testkit'
import { Pool, type PoolClient } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RunningAgent } from '../src/start-agent.ts'
import { startWatchingAgent } from './watching-agent.ts'

const [version] = postgresVersions()
type Postgres = Awaited<ReturnType<typeof version.start>>

/** Connections of the application's pool, and of the pooler's behind it. */
const MAX = 6
const POOL_SIZE = 3

let postgres: Postgres
let pooler: RunningPgBouncer
let agent: RunningAgent
beforeAll(async () => {
  postgres = await version.start({ maxConnections: 30 })
  const { host, port, user, password } = postgres
  pooler = await startPgBouncer({
    databases: { shop: `host=${host} port=${port} dbname=postgres user=${user} password=${password}` },
    users: { poolscope: 'watch', app: 'work' },
    statsUsers: ['poolscope'],
    settings: { pool_mode: 'transaction', default_pool_size: String(POOL_SIZE) },
  })
  agent = await startWatchingAgent([
    postgres.url,
    pooler.url('poolscope', '').replace('postgresql:', 'pgbouncer:'),
  ])
})
afterAll(async () => {
  await agent?.close()
  await pooler?.stop()
  await postgres?.stop()
})

let pool: Pool
let held: PoolClient[]
/** Those that the pooler has given a server connection, whichever they are. */
let inTransaction: PoolClient[]
beforeEach(() => {
  held = []
  const watched = new Pool({
    connectionString: pooler.url('app', 'shop'),
    max: MAX,
    application_name: 'shop-web',
  })
  pool = watch(watched, { service: 'web', name: 'orders', instance: 'chain', url: agent.url })
})
afterEach(async () => {
  for (const client of held) client.release(true)
  await pool.end()
  await eventually(async () => !(await fleetNow()).pools.some(({ origin }) => origin === 'probe'))
})

const json = async <Answer>(path: string): Promise<Answer> => (await fetch(agent.url + path)).json()
const fleetNow = () => json<Fleet>('/api/v1/fleet')

function chainOf({ pools, servers }: Fleet) {
  const probed = pools.find(({ origin }) => origin === 'probe')
  const kept = pools.find(({ upstreamServerId }) => upstreamServerId !== null)
  const server = (system: string) => servers.find((one) => one.system === system) as ServerNow
  return { probed, kept, bouncer: server('pgbouncer'), database: server('postgresql') }
}

/** Holds every connection of the pool; of those that begin a transaction only so many get a server connection. */
async function hold(transactions: number): Promise<Promise<unknown>[]> {
  held = await Promise.all(Array.from({ length: MAX }, () => pool.connect()))
  inTransaction = []
  return held.slice(0, transactions).map(async (client) => {
    await client.query('BEGIN')
    inTransaction.push(client)
  })
}

describe('the chain from an application over a pooler to the database', () => {
  it('shows each hop with its own numbers, and nothing twice', async () => {
    const begun = await hold(2)
    await Promise.all(begun)
    await eventually(async () => {
      const fleet = await fleetNow()
      const { probed, kept, bouncer, database } = chainOf(fleet)
      expect(probed).toMatchObject({ inUse: MAX, waiting: 0, serverId: bouncer.id })
      expect(kept).toMatchObject({
        name: 'postgres@shop',
        serverId: bouncer.id,
        upstreamServerId: database.id,
        mode: 'transaction',
        max: POOL_SIZE,
        inUse: 2,
        waiting: 0,
        oldestWaitMs: null,
        status: 'ok',
      })
      expect(bouncer.upstreamIds).toEqual([database.id])
      expect(bouncer.connections).toEqual({
        active: 2,
        idle: MAX - 2,
        idleInTransaction: null,
        other: 1,
        total: MAX + 1,
      })
      expect(database.connections.idleInTransaction).toBe(2)
      // The application's clients of the pooler, and the pooler's sessions on the database, are no pools of their own.
      expect(fleet.pools).toHaveLength(2)
      const onPooler = await json<Sessions>(`/api/v1/servers/${bouncer.id}/sessions`)
      const behind = await json<Sessions>(`/api/v1/servers/${database.id}/sessions`)
      expect(onPooler.sessions.map(({ poolId }) => poolId)).toEqual(Array(MAX).fill((probed as PoolNow).id))
      const owned = behind.sessions.filter(({ state }) => state === 'idle in transaction')
      expect(owned.map(({ poolId }) => poolId)).toEqual(Array(2).fill((kept as PoolNow).id))
    })
  })

  it('shows on which hop clients wait', async () => {
    const begun = await hold(MAX)
    await eventually(async () => {
      const { probed, kept, bouncer, database } = chainOf(await fleetNow())
      // To the application all is well: it has its connections.
      expect(probed).toMatchObject({ inUse: MAX, waiting: 0 })
      expect(kept).toMatchObject({ inUse: POOL_SIZE, waiting: MAX - POOL_SIZE, status: 'critical' })
      expect(kept?.oldestWaitMs).toBeGreaterThan(1000)
      expect(kept?.reason).toMatch(
        /^Out of server connections: 3 of 3 in use, 3 clients wait, the longest for/,
      )
      expect(bouncer.connections).toMatchObject({ active: MAX, idle: 0 })
      expect(database.connections.idleInTransaction).toBe(POOL_SIZE)
      const { sessions } = await json<Sessions>(`/api/v1/servers/${bouncer.id}/sessions`)
      const waiting = sessions.filter(({ waitEvent }) => waitEvent === 'waiting for a server connection')
      expect(waiting.map(({ application, state }) => [application, state])).toEqual(
        Array(MAX - POOL_SIZE).fill(['shop-web', 'active']),
      )
    })
    for (const client of inTransaction.slice()) {
      await client.query('COMMIT')
      held.splice(held.indexOf(client), 1)
      client.release()
    }
    await Promise.all(begun)
    await eventually(async () =>
      expect(chainOf(await fleetNow()).kept).toMatchObject({ inUse: POOL_SIZE, waiting: 0 }),
    )
  })

  it('never shows the sessions of the pooler as a pool of the database', async () => {
    const seen = new Set<string>()
    const fromMs = performance.now()
    held = [await pool.connect()]
    while (performance.now() - fromMs < 6000) {
      const client = held[0] as PoolClient
      await client.query('SELECT 1')
      const { pools, servers } = await fleetNow()
      const database = servers.find(({ system }) => system === 'postgresql')
      for (const one of pools) if (one.serverId === database?.id) seen.add(`${one.service} ${one.name}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect([...seen]).toEqual([])
  })
})
