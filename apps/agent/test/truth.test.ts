import { connect } from 'node:net'
import { flush, watch } from '@poolscope/probe/pg'
import type { Fleet, Holders, PoolNow, ServerNow, Sessions } from '@poolscope/protocol'
import { eventually, postgresVersions } from '@poolscope/testkit'
import { Client, Pool, type PoolClient } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RunningAgent } from '../src/start-agent.ts'
import { LiveReader } from './live-reader.ts'
import { metricOf, startWatchingAgent } from './watching-agent.ts'

const [version] = postgresVersions()
type Server = Awaited<ReturnType<typeof version.start>>

const MAX = 5
let server: Server
let agent: RunningAgent
let admin: Client
beforeAll(async () => {
  server = await version.start({ maxConnections: 30 })
  agent = await startWatchingAgent([server.url])
  admin = new Client(server.url)
  await admin.connect()
})
afterAll(async () => {
  await agent?.close()
  await admin?.end()
  await server?.stop()
})

let pool: Pool
let live: LiveReader
let held: PoolClient[]
let asked: Promise<PoolClient>[]
beforeEach(async () => {
  held = []
  asked = []
  live = await LiveReader.open(agent.url)
  const watched = new Pool({ connectionString: server.url, max: MAX, application_name: 'orders-service' })
  pool = watch(watched, { service: 'shop', name: 'orders', instance: 'truth', url: agent.url })
})
afterEach(async () => {
  for (const client of held) client.release()
  for (const client of asked) (await client).release()
  await pool.end()
  await live.stop()
  // The next test starts from a fleet in which this pool is no more.
  await eventually(async () => probed(await fleetNow()).length === 0)
})

const get = async (path: string) => (await fetch(agent.url + path)).text()
const json = async <Answer>(path: string): Promise<Answer> => JSON.parse(await get(path))
const fleetNow = () => json<Fleet>('/api/v1/fleet')
const probed = (fleet: Fleet) => fleet.pools.filter(({ origin }) => origin === 'probe')
const byNumber = (a: number | null, b: number | null) => Number(a) - Number(b)

/** Holds `n` connections in an open transaction, and asks for `m` more than there are. */
async function drive(n: number, m: number): Promise<void> {
  held = await Promise.all(Array.from({ length: n }, () => pool.connect()))
  await Promise.all(held.map((client) => client.query('BEGIN')))
  asked = Array.from({ length: m }, () => pool.connect())
}

/** What every way out says of the pool, and of the server's connections. */
async function shown() {
  const [fleet, metrics] = await Promise.all([fleetNow(), get('/metrics')])
  const [one, ...more] = probed(fleet)
  if (one === undefined || more.length > 0) throw new RangeError(`${more.length + 1} pools, or none`)
  const group = fleet.groups.find(({ id }) => id === one.groupId)
  const [postgres] = fleet.servers as [ServerNow]
  const frame = live.frames.at(-1)
  const [row, serverRow] = [frame?.pools.get(one.id), frame?.servers.get(postgres.id)]
  const labels = { service_name: 'shop', db_client_connection_pool_name: 'orders', origin: 'probe' }
  const used = { ...labels, db_client_connection_state: 'used' }
  return {
    rest: [one.inUse, one.waiting, one.idle],
    group: [group?.inUse, group?.waiting, group?.idle],
    socket: [row?.inUse, row?.waiting, row?.idle],
    metrics: [
      metricOf(metrics, 'db_client_connection_count', used),
      metricOf(metrics, 'db_client_connection_pending_requests', labels),
      metricOf(metrics, 'db_client_connection_count', { ...labels, db_client_connection_state: 'idle' }),
    ],
    // No connection is shown twice, as the probe's and as one that the server merely lists.
    everyPool: fleet.pools.reduce((sum, { inUse }) => sum + Number(inUse), 0),
    inTransaction: [
      postgres.connections.idleInTransaction,
      serverRow?.idleInTransaction,
      metricOf(metrics, 'poolscope_server_connections', { state: 'idleInTransaction' }),
    ],
  }
}

function truth(inUse: number, waiting: number, idle: number) {
  const numbers = [inUse, waiting, idle]
  const inTransaction = [inUse, inUse, inUse]
  return { rest: numbers, group: numbers, socket: numbers, metrics: numbers, everyPool: inUse, inTransaction }
}

describe('what is shown of a pool', () => {
  it.each([
    [1, 0],
    [4, 0],
    [MAX, 1],
    [MAX, 60],
  ])('is %i holders and %i waiters when there are so many, and zero when they are gone', async (n, m) => {
    await drive(n, m)
    await eventually(async () => expect(await shown()).toEqual(truth(n, m, 0)))
    const [{ id }] = probed(await fleetNow()) as [PoolNow]
    const from = live.frames.length
    await eventually(() => live.frames.length >= from + 2)
    for (const frame of live.frames.slice(from))
      expect(frame.pools.get(id)).toMatchObject({ inUse: n, waiting: m })

    const sql = "SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction' ORDER BY pid"
    const pids = (await admin.query(sql)).rows.map((row) => row.pid)
    const { holders, total } = await json<Holders>(`/api/v1/pools/${id}/holders`)
    expect([pids.length, total]).toEqual([n, n])
    expect(holders.map((holder) => holder.sessionPid).sort(byNumber)).toEqual(pids)
    expect(new Set(holders.map((holder) => holder.sessionState))).toEqual(new Set(['idle in transaction']))

    await Promise.all(held.map((client) => client.query('COMMIT')))
    for (const client of held.splice(0)) client.release()
    for (const client of asked.splice(0)) (await client).release()
    await eventually(async () => expect(await shown()).toEqual(truth(0, 0, pool.idleCount)))
    expect((await json<Holders>(`/api/v1/pools/${id}/holders`)).total).toBe(0)
  })

  it('is in REST and metrics with the answer to the report, and in the next frame', async () => {
    // The server's list may name this pool's sessions before the probe does: settle that first.
    await drive(1, 0)
    await eventually(async () => expect(await shown()).toEqual(truth(1, 0, 0)))
    await held[0]?.query('COMMIT')
    held.push(...(await Promise.all([pool.connect(), pool.connect(), pool.connect(), pool.connect()])))
    asked = Array.from({ length: 9 }, () => pool.connect())
    await flush()
    const from = live.frames.length
    const { rest, group, metrics } = await shown()
    expect({ rest, group, metrics }).toEqual({ rest: [5, 9, 0], group: [5, 9, 0], metrics: [5, 9, 0] })
    const [{ id }] = probed(await fleetNow()) as [PoolNow]
    const frame = await eventually(() => live.frames[from] ?? false, { timeoutMs: 45_000 })
    expect(frame.pools.get(id)).toMatchObject({ inUse: 5, waiting: 9 })
  })
})

/** Says hello to a server, as version 3 of its protocol has it, and no more: the login waits for a password. */
function beginLogin() {
  const settings = Buffer.from('user\0postgres\0database\0postgres\0application_name\0late\0\0')
  const head = Buffer.alloc(8)
  head.writeInt32BE(head.length + settings.length)
  head.writeInt32BE(3 << 16, 4)
  const socket = connect(server.port, server.host)
  socket.on('error', () => {})
  socket.write(Buffer.concat([head, settings]))
  return socket
}

describe('a login that hangs', () => {
  it('is a session of the server, and nobody’s pool', async () => {
    const socket = beginLogin()
    const [{ id }] = (await fleetNow()).servers as [ServerNow]
    const seen = new Set<number | null>()
    // As many samples as make a pool of what keeps being there, and one more.
    await eventually(async () => {
      const { sessions } = await json<Sessions>(`/api/v1/servers/${id}/sessions`)
      const { servers, pools } = await fleetNow()
      expect(pools.map(({ name }) => name)).not.toContain('?@?')
      if (sessions.some(({ state }) => state === 'starting')) seen.add(servers[0]?.atMs ?? null)
      return seen.size > 4
    })
    socket.destroy()
  })
})
