import {
  addRedisUsers,
  LITERAL_CANARY,
  PASSWORD_CANARY,
  REDIS_WATCHER_RULES,
  type RunningRedis,
  startRedis,
  watchStalls,
} from '@poolscope/testkit'
import { Redis } from 'ioredis'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { detailOf as detail, targetOf, Watched } from '../../test/watched.ts'
import { checkServer } from './check-server.ts'
import type { ServerSample } from './source.ts'

let cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanups.toReversed()) await clean()
  cleanups = []
})
function watch(url: string): Watched {
  const one = new Watched(url)
  cleanups.push(() => one.source.stop())
  return one
}
async function client(server: RunningRedis, name: string): Promise<Redis> {
  const redis = new Redis({ host: server.host, port: server.port, connectionName: name, protocol: 2 })
  redis.on('error', () => {})
  cleanups.push(() => redis.disconnect())
  await redis.ping()
  return redis
}
async function start(options: Parameters<typeof startRedis>[0]): Promise<RunningRedis> {
  const server = await startRedis(options)
  cleanups.push(() => server.stop())
  return server
}

const watcherUrl = ({ host, port }: RunningRedis) => `redis://watcher:${PASSWORD_CANARY}@${host}:${port}`

/** Other products say which they are. */
const VERSION = /^(Valkey )?\d+\.\d+\.\d+$/

describe('a Redis', () => {
  let server: RunningRedis
  let beforeMs: number
  beforeAll(async () => {
    beforeMs = Date.now()
    server = await startRedis({
      settings: { maxclients: '50', timeout: '300', maxmemory: '64mb', 'slowlog-log-slower-than': '0' },
    })
    await addRedisUsers(server)
    return () => server.stop()
  })

  it('tells its version, its limit, its settings and when it started', async () => {
    const sample = await watch(watcherUrl(server)).sample()
    expect(sample).toMatchObject({ maxConnections: 50, reservedConnections: 0, peers: [], knownAs: null })
    expect(sample.version).toMatch(VERSION)
    // Told in whole seconds.
    expect(sample.startedAtMs).toBeGreaterThan(beforeMs - 2000)
    expect(sample.startedAtMs).toBeLessThan(Date.now() + 2000)
    expect(detail(sample, 'Settings', 'timeout')).toBe(300_000)
    expect(detail(sample, 'Settings', 'tcp-keepalive')).toBe(300_000)
    expect(detail(sample, 'Memory', 'maxmemory')).toBe(64 * 2 ** 20)
    expect(detail(sample, 'Memory', 'used of maxmemory')).toBeGreaterThan(0)
    expect(detail(sample, 'Replication', 'role')).toBe('primary')
    expect(detail(sample, 'Clients', 'connected')).toBeNull()
  })

  it('tells what each client does', async () => {
    const blocked = await client(server, 'worker')
    blocked.blpop('queue', 0).catch(() => {})
    const listener = await client(server, 'listener')
    await listener.subscribe('news')
    const nameless = await client(server, '')
    await nameless.select(3)
    const one = watch(watcherUrl(server))
    const sample = await one.sample(
      ({ sessions }) => sessions.filter(({ state }) => state === 'idle').length === 2,
    )
    const session = (name: string) => sample.sessions.find(({ application }) => application === name)
    expect(session('worker')).toMatchObject({
      user: 'default',
      database: 'db0',
      clientAddress: '127.0.0.1',
      state: 'active',
      waitEventType: 'Client',
      waitEvent: 'blocked',
    })
    expect(session('listener')).toMatchObject({ state: 'idle', waitEvent: null })
    // ioredis tells its name where the version lets it; 7.0 has no place for that.
    expect(sample.sessions.find(({ database }) => database === 'db3')).toMatchObject({ state: 'idle' })
    expect(detail(sample, 'Clients', 'blocked')).toBe(1)
    expect(detail(sample, 'Clients', 'subscribed')).toBe(1)
    expect(detail(sample, 'Clients', 'memory of clients')).toBeGreaterThan(0)
  })

  it('takes a client for active that was heard of within about a second, in every sample', async () => {
    const busy = await client(server, 'busy')
    const pinging = setInterval(() => busy.ping().catch(() => {}), 200)
    cleanups.push(() => clearInterval(pinging))
    const one = watch(watcherUrl(server))
    const stateOfIt = ({ sessions }: ServerSample) =>
      sessions.find(({ application }) => application === 'busy')?.state
    for (let seen = 0; seen < 4; ) {
      const stalls = watchStalls()
      const state = stateOfIt(await one.sample())
      stalls.stop()
      // Where this process stood still nobody was heard of.
      if (stalls.longestMs() > 500) continue
      expect(state).toBe('active')
      seen += 1
    }
    clearInterval(pinging)
    await one.sample((sample) => stateOfIt(sample) === 'idle')
  })

  it('counts new connections and commands by the second', async () => {
    const one = watch(watcherUrl(server))
    await one.sample()
    for (let i = 0; i < 5; i++) (await client(server, 'short')).disconnect()
    const sample = await one.sample((now) => Number(detail(now, 'Clients', 'connected')) > 0)
    expect(Number(detail(sample, 'Clients', 'connected'))).toBeLessThanOrEqual(6)
    expect(detail(sample, 'Clients', 'rejected')).toBe(0)
  })

  it('adds up the slow log by command, each entry once, without keys and values', async () => {
    const app = await client(server, 'app')
    await app.set(LITERAL_CANARY, LITERAL_CANARY)
    const one = watch(watcherUrl(server))
    const first = await one.sample(({ statements }) => statements !== null)
    expect(first.statements).toMatchObject({ source: 'slowlog', statements: [], complete: true })
    await app.hset(`${LITERAL_CANARY}:1`, LITERAL_CANARY, LITERAL_CANARY)
    await app.hset(`${LITERAL_CANARY}:2`, LITERAL_CANARY, LITERAL_CANARY)
    await app.config('GET', 'maxmemory')
    const textsOf = (sample: ServerSample) =>
      new Map(sample.statements?.statements.map((statement) => [statement.text, statement]))
    // One that was being taken while they ran knows some of them.
    const last = await one.sample((sample) => textsOf(sample).has('CONFIG GET ?'))
    const { statements } = last
    const known = textsOf(last)
    expect(known.get('HSET ?')).toMatchObject({ calls: 2, rows: null, p95Ms: null, user: null })
    expect(known.get('HSET ?')?.totalMs).toBeGreaterThan(0)
    expect(known.has('SET ?')).toBe(false)
    expect(statements?.epoch).toBe(first.statements?.epoch)
    expect(JSON.stringify(one.updates)).not.toContain(LITERAL_CANARY)
  })

  it('shows what a user without every right may see', async () => {
    await server.ask(
      ...(['ACL', 'SETUSER', 'half', 'on', '>half', 'resetkeys', '-@all', '+info'] as const),
      ...['+client|id', '+client|setname'],
    )
    const url = `redis://half:half@${server.host}:${server.port}`
    const sample = await watch(url).sample()
    const { total, ...states } = sample.connections
    expect(total).toBeGreaterThanOrEqual(1)
    expect(states).toEqual({ active: null, idle: null, idleInTransaction: null, other: null })
    expect(sample).toMatchObject({ sessions: [], statements: null, maxConnections: 50 })
    expect(sample.details.map(({ title }) => title)).not.toContain('Settings')
    const { items } = await checkServer(targetOf(url), new AbortController().signal)
    expect(items.flatMap(({ fix }) => fix)).toEqual([
      'ACL SETUSER half +client|list',
      'ACL SETUSER half +slowlog|get',
      'ACL SETUSER half +config|get',
    ])
  })

  it('is content with the rights that its manual names', async () => {
    const { failure, items } = await checkServer(targetOf(watcherUrl(server)), new AbortController().signal)
    expect(failure).toBeNull()
    expect(items.filter(({ state }) => state !== 'ok').map(({ what }) => what)).toEqual(['reserved door'])
    // Nothing it asked for was refused.
    expect(String(await server.ask('ACL', 'LOG'))).not.toContain('username,watcher')
    // Versions before 7.2 refuse the whole user for a right that they do not know.
    const [, version] = /redis_version:(\d+\.\d+)/.exec(String(await server.ask('INFO', 'server'))) ?? []
    const added = server.ask('ACL', 'SETUSER', 'newer', ...REDIS_WATCHER_RULES, '+client|setinfo')
    if (Number(version) >= 7.2) expect(await added).toBe('OK')
    else await expect(added).rejects.toThrow(/Unknown command|subcommand/i)
  })

  it('says who may not read INFO, and who gave no password', async () => {
    await server.ask('ACL', 'SETUSER', 'blind', 'on', '>blind', 'resetkeys', '-@all', '+ping')
    const blind = watch(`redis://blind:blind@${server.host}:${server.port}`)
    expect(await blind.refused()).toMatchObject({
      state: 'denied',
      error: { code: 'permission_denied' },
    })
    await server.ask('CONFIG', 'SET', 'requirepass', 'secret')
    cleanups.push(async () => {
      const admin = new Redis({ host: server.host, port: server.port, password: 'secret', protocol: 2 })
      await admin.config('SET', 'requirepass', '')
      admin.disconnect()
    })
    const nobody = watch(`redis://${server.host}:${server.port}`)
    expect(await nobody.refused()).toMatchObject({
      state: 'denied',
      error: { code: 'auth_failed' },
    })
    const old = watch(`redis://:secret@${server.host}:${server.port}/7`)
    expect((await old.sample()).version).toMatch(VERSION)
  })

  it('is reached over its Unix socket', async () => {
    const one = watch(`redis+unix://watcher:${PASSWORD_CANARY}@${server.socketPath}`)
    expect((await one.sample()).maxConnections).toBe(50)
    expect(one.source.address).toBe(server.socketPath)
  })
})

describe('a Redis with TLS', () => {
  it('is watched where its certificate is trusted, and refused where it is not', async () => {
    const server = await start({ tls: true })
    await addRedisUsers(server)
    const url = `rediss://watcher:${PASSWORD_CANARY}@localhost:${server.port}`
    const refused = await watch(url).refused()
    expect(refused).toMatchObject({ state: 'unreachable', error: { code: 'tls_failed' } })
    await watch(`${url}?ssl_ca_certs=${server.caPath}`).sample()
    await watch(`${url}?ssl_cert_reqs=none`).sample()
  })
})

describe('a replica', () => {
  it('counts as other on its primary, and tells of its link', async () => {
    const primary = await start({ settings: { 'repl-diskless-sync-delay': '0' } })
    const replica = await start({ settings: { replicaof: `${primary.host} ${primary.port}` } })
    const one = watch(`redis://${primary.host}:${primary.port}`)
    const above = await one.sample((sample) => sample.connections.other === 2)
    expect(above.connections).toMatchObject({ active: 0, idle: 0, total: 2 })
    expect(above.sessions).toEqual([])
    expect(detail(above, 'Replication', 'replicas')).toBe(1)
    const two = watch(`redis://${replica.host}:${replica.port}`)
    const below = await two.sample(
      (sample) =>
        detail(sample, 'Replication', 'link to the primary') === 'up' && sample.connections.other === 2,
    )
    expect(detail(below, 'Replication', 'role')).toBe('replica')
    expect(below.connections.total).toBe(2)
  })
})

describe('a Redis that is kept from answering', () => {
  it('starts up while it loads its data', async () => {
    const server = await start({ settings: { 'enable-debug-command': 'yes' } })
    await server.ask('DEBUG', 'POPULATE', '3000')
    await server.ask('CONFIG', 'SET', 'loading-process-events-interval-bytes', '1024')
    await server.ask('CONFIG', 'SET', 'key-load-delay', '2000')
    const one = watch(`redis://${server.host}:${server.port}`)
    await one.sample()
    const reload = client(server, 'admin').then((admin) => admin.call('DEBUG', 'RELOAD').catch(() => {}))
    const loading = await one.refused()
    expect(loading).toMatchObject({ state: 'refused', error: { code: 'starting_up' } })
    await server.ask('CONFIG', 'SET', 'key-load-delay', '0')
    await reload
    await one.sample()
  })

  it('is late while a script runs, and the connection is kept', async () => {
    const server = await start({ settings: { 'busy-reply-threshold': '100' } })
    const one = watch(`redis://${server.host}:${server.port}`)
    await one.sample()
    const scripted = await client(server, 'script')
    const running = scripted.eval('while true do end', 0).catch((error: Error) => error.message)
    const busy = await one.until(({ error }) => error !== null)
    expect(busy).toMatchObject({ state: 'unreachable', error: { code: 'timeout' } })
    await server.ask('SCRIPT', 'KILL')
    expect(await running).toContain('killed')
    const { connections } = await one.sample()
    expect(connections.other).toBe(1)
    expect(one.updates.filter(({ state }) => state === 'connecting')).toHaveLength(1)
  })
})
