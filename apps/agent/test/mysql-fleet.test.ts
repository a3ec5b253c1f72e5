import { watch } from '@poolscope/probe/mysql2'
import type { Fleet, Holders, Sessions } from '@poolscope/protocol'
import {
  eventually,
  MYSQL_WATCHER_SQL,
  PASSWORD_CANARY,
  type RunningMysql,
  startMysqlOrMariadb,
} from '@poolscope/testkit'
import { createPool, type Pool } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { RunningAgent } from '../src/start-agent.ts'
import { startWatchingAgent } from './watching-agent.ts'

const APP = { user: 'app', password: 'app-password', database: 'shop' }

let servers: RunningMysql[] = []
let agent: RunningAgent
let pools: Pool[] = []
beforeAll(async () => {
  // Both number their sessions from the same small numbers.
  servers = await Promise.all([startMysqlOrMariadb(), startMysqlOrMariadb()])
  for (const server of servers) {
    for (const sql of MYSQL_WATCHER_SQL) await server.ask(sql)
    await server.ask('CREATE DATABASE shop')
    await server.ask(`CREATE USER app@'%' IDENTIFIED BY '${APP.password}'`)
    await server.ask("GRANT ALL ON shop.* TO app@'%'")
  }
  const [one, other] = servers.map(({ host, port }) => `watcher:${PASSWORD_CANARY}@${host}:${port}`)
  agent = await startWatchingAgent([`mysql://${one}`, `mariadb://${other}`])
})
afterEach(async () => {
  for (const pool of pools) await pool.end()
  pools = []
})
afterAll(async () => {
  await agent?.close()
  for (const server of servers) await server.stop()
})

const json = async <Answer>(path: string): Promise<Answer> => (await fetch(agent.url + path)).json()
const fleetNow = () => json<Fleet>('/api/v1/fleet')

function pool(server: RunningMysql | undefined, program: string): Pool {
  if (server === undefined) throw new TypeError('no server')
  const { host, port } = server
  const connectAttributes = { program_name: program }
  const made = createPool({ host, port, ...APP, connectionLimit: 6, connectAttributes })
  pools.push(made)
  return made
}

/** Holds three connections, one of them in a transaction and one of them busy, and leaves two idle. */
async function use(made: Pool) {
  const all = await Promise.all(Array.from({ length: 5 }, () => made.getConnection()))
  const [open, busy, held, ...idle] = all
  if (open === undefined || busy === undefined || held === undefined) throw new TypeError('no connections')
  await open.query('START TRANSACTION WITH CONSISTENT SNAPSHOT')
  const running = busy.query('SELECT SLEEP(60)').catch(() => {})
  await held.query('SELECT 1')
  for (const connection of idle) connection.release()
  return {
    pids: { open: Number(open.threadId), busy: Number(busy.threadId), held: Number(held.threadId) },
    all: all.map(({ threadId }) => Number(threadId)),
    stop: async (server: RunningMysql | undefined) => {
      await server?.ask(`KILL QUERY ${busy.threadId}`)
      await running
      await open.query('ROLLBACK')
      for (const connection of [open, busy, held]) connection.release()
    },
  }
}

describe('an application on MySQL or MariaDB, without a probe', () => {
  it('is a row under its program name with what its sessions do', async () => {
    const [server] = servers
    const using = await use(pool(server, 'invoices'))
    const { pools: seen, servers: rows } = await eventually(
      async () => {
        const fleet = await fleetNow()
        const found = fleet.pools.find(({ service }) => service === 'invoices')
        // Open and busy; the one that is held without a statement is as idle to the server as the two others.
        if (found?.inUse !== 2 || found.idle !== 3) throw new Error(JSON.stringify(found))
        return fleet
      },
      { timeoutMs: 45_000 },
    )
    const row = rows.find(({ address }) => address.endsWith(`:${server?.port}`))
    const found = seen.find(({ service }) => service === 'invoices')
    expect(found).toMatchObject({
      origin: 'observed',
      name: 'app@shop',
      max: null,
      waiting: null,
      serverId: row?.id,
    })
    expect(row?.connections).toEqual({ active: 1, idle: 3, idleInTransaction: 1, other: 1, total: 6 })
    const sessions = await json<Sessions>(`/api/v1/servers/${row?.id}/sessions`)
    expect(sessions.byApplication).toContainEqual({
      key: 'invoices',
      active: 1,
      idle: 3,
      idleInTransaction: 1,
      other: 0,
      total: 5,
    })
    await using.stop(server)
  })
})

describe('a pool of mysql2 with a probe', () => {
  it.each([0, 1])(
    'leads to its own server of the two, %i, with its sessions and what its holders do',
    async (n) => {
      const server = servers[n]
      const name = `orders-${n}`
      // The other server has sessions of the same user in the same database, with numbers like these.
      const elsewhere = await use(pool(servers[1 - n], 'elsewhere'))
      const using = await use(watch(pool(server, 'orders'), { service: 'shop', name, url: agent.url }))
      const { id, serverId } = await eventually(
        async () => {
          const fleet = await fleetNow()
          const found = fleet.pools.find((one) => one.name === name)
          const row = fleet.servers.find(({ address }) => address.endsWith(`:${server?.port}`))
          expect(found).toMatchObject({ origin: 'probe', inUse: 3, idle: 2, max: 6, serverId: row?.id })
          const { holders } = await json<Holders>(`/api/v1/pools/${found?.id}/holders`)
          const states = new Map(holders.map(({ sessionPid, sessionState }) => [sessionPid, sessionState]))
          expect([using.pids.open, using.pids.busy, using.pids.held].map((pid) => states.get(pid))).toEqual([
            'idle in transaction',
            'active',
            'idle',
          ])
          if (found === undefined) throw new TypeError('no pool')
          return found
        },
        { timeoutMs: 45_000 },
      )
      const { sessions } = await json<Sessions>(`/api/v1/servers/${serverId}/sessions`)
      const owned = sessions.filter(({ poolId }) => poolId === id).map(({ pid }) => pid)
      expect(owned.sort((a, b) => a - b)).toEqual(using.all.sort((a, b) => a - b))
      await using.stop(server)
      await elsewhere.stop(servers[1 - n])
    },
  )
})
