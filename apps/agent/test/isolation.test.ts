import type { Fleet, ServerNow } from '@poolscope/protocol'
import {
  eventually,
  fillConnections,
  MYSQL_WATCHER_SQL,
  PASSWORD_CANARY,
  postgresVersions,
  startBlackhole,
  startMariadb,
  startTcpProxy,
  watchStalls,
} from '@poolscope/testkit'
import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { startWatchingAgent } from './watching-agent.ts'

const [newest] = postgresVersions()
let cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.toReversed()) await clean()
  cleanups = []
})

const cleanup = <Thing extends { stop(): Promise<unknown> }>(thing: Thing): Thing => {
  cleanups.push(() => thing.stop())
  return thing
}

async function sql(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  for (const statement of statements) await client.query(statement)
  await client.end()
}

async function watchAll(urls: string[]) {
  const agent = await startWatchingAgent(urls)
  cleanups.push(() => agent.close())
  const servers = async () => {
    const fleet = (await (await fetch(`${agent.url}/api/v1/fleet`)).json()) as Fleet
    return fleet.servers
  }
  return {
    servers,
    one: async (port: number) => (await servers()).find(({ address }) => address.endsWith(`:${port}`)),
  }
}

describe('a server in trouble', () => {
  it('leaves every other one on time, and says on its own row what is wrong', async () => {
    const healthy = cleanup(await newest.start())
    const restarting = cleanup(await newest.start())
    const silent = cleanup(await startBlackhole())
    const silentMariadb = cleanup(await startBlackhole())
    const halfOpen = cleanup(await startTcpProxy(healthy))
    const gone = cleanup(await startBlackhole())
    await gone.stop()
    const mariadb = cleanup(await startMariadb())
    const restartingMariadb = cleanup(await startMariadb())
    for (const sql of MYSQL_WATCHER_SQL) await mariadb.ask(sql)
    const mariadbHalfOpen = cleanup(await startTcpProxy(mariadb))
    const mariadbAt = (port: number, login = 'root') => `mariadb://${login}@127.0.0.1:${port}`
    await sql(
      healthy.url,
      "CREATE ROLE nobody LOGIN PASSWORD 'nobody'",
      'REVOKE CONNECT ON DATABASE postgres FROM PUBLIC',
    )
    const at = (port: number, login = 'postgres:x') => `postgresql://${login}@127.0.0.1:${port}/postgres`
    const denied = cleanup(await startTcpProxy(healthy))
    const { one, servers } = await watchAll([
      healthy.url,
      restarting.url,
      at(silent.port),
      healthy.url.replace(`:${healthy.port}`, `:${halfOpen.port}`),
      at(gone.port),
      at(denied.port, 'nobody:nobody'),
      mariadbAt(mariadb.port, `watcher:${PASSWORD_CANARY}`),
      mariadbAt(restartingMariadb.port),
      mariadbAt(mariadbHalfOpen.port),
      mariadbAt(silentMariadb.port),
    ])
    await eventually(
      async () => {
        const all = await servers()
        const up = all.filter(({ state }) => state === 'up').length
        if (up < 6)
          throw new Error(
            JSON.stringify(all.map(({ address, state, error }) => [address, state, error?.code])),
          )
      },
      { timeoutMs: 45_000 },
    )
    halfOpen.pause()
    mariadbHalfOpen.pause()
    await Promise.all([restarting.stopServer(), restartingMariadb.stopServer()])
    const watched = [healthy, mariadb].map(({ port }) => ({
      port,
      seen: new Set<number>(),
      intervalMs: 1000,
      slowestMs: 0,
    }))
    const stalls = watchStalls()
    cleanups.push(async () => stalls.stop())
    const endMs = Date.now() + 8000
    let started = false
    await eventually(
      async () => {
        for (const each of watched) {
          const now = (await one(each.port)) as ServerNow
          expect(now.state).toBe('up')
          if (now.atMs !== null) each.seen.add(now.atMs)
          each.intervalMs = Math.max(each.intervalMs, now.sampleIntervalMs ?? 0)
          each.slowestMs = Math.max(each.slowestMs, now.sampleMs ?? 0)
        }
        if (!started && Date.now() > endMs - 4000) {
          started = true
          await Promise.all([restarting.startServer(), restartingMariadb.startServer()])
        }
        if (Date.now() < endMs) throw new Error('goes on')
      },
      { timeoutMs: 45_000 },
    )
    // A tick that is late by more than one interval would leave a gap of more than two, but for what the machine took.
    for (const { seen, intervalMs, slowestMs } of watched) {
      const times = [...seen]
      const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] as number))
      expect(Math.max(...gaps)).toBeLessThan(2 * intervalMs + 500 + slowestMs + stalls.longestMs())
    }
    const troubled = [silent, halfOpen, gone, denied, silentMariadb, mariadbHalfOpen]
    await eventually(async () => {
      const errors = new Map(
        (await servers()).map(({ address, error }) => [Number(address.split(':')[1]), error?.code]),
      )
      expect(troubled.map(({ port }) => errors.get(port))).toEqual([
        'timeout',
        'timeout',
        'connection_refused',
        'permission_denied',
        'timeout',
        'timeout',
      ])
    })
    for (const { port } of [restarting, restartingMariadb]) {
      await eventually(async () => expect((await one(port))?.state).toBe('up'), { timeoutMs: 45_000 })
    }
  })
})

// There is no reserved door before PostgreSQL 16.
describe.runIf(newest.major >= 16)('a full server', () => {
  it('lets the agent back in through its reserved door within five seconds', async () => {
    const server = cleanup(
      await newest.start({ maxConnections: 20, settings: { reserved_connections: '2' } }),
    )
    await sql(
      server.url,
      "CREATE ROLE poolscope LOGIN PASSWORD 'monitor'",
      'GRANT pg_monitor, pg_use_reserved_connections TO poolscope',
      "CREATE ROLE app LOGIN PASSWORD 'app'",
    )
    const proxy = cleanup(await startTcpProxy(server))
    const { one } = await watchAll([`postgresql://poolscope:monitor@127.0.0.1:${proxy.port}/postgres`])
    await eventually(async () => expect((await one(proxy.port))?.state).toBe('up'))
    cleanup(await fillConnections(`postgresql://app:app@127.0.0.1:${server.port}/postgres`))
    const cutAtMs = Date.now()
    proxy.cut()
    // The freed slot is an ordinary one, and goes to the next who asks.
    cleanup(await fillConnections(`postgresql://app:app@127.0.0.1:${server.port}/postgres`))
    await eventually(
      async () => {
        const now = (await one(proxy.port)) as ServerNow
        expect([now.state, now.stale]).toEqual(['up', false])
        expect(now.atMs).toBeGreaterThan(cutAtMs)
      },
      { timeoutMs: 45_000 },
    )
  })
})
