import {
  eventually,
  LITERAL_CANARY,
  MONGODB_WATCHER_RIGHTS,
  MongoConnection,
  type MongoRight,
  type MongoStandIn,
  PASSWORD_CANARY,
  startMongoStandIn,
  startTcpProxy,
} from '@poolscope/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { targetOf, Watched } from '../../test/watched.ts'
import { checkServer } from './check-server.ts'
import { peerOf } from './create-source.ts'
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
async function start(rights: readonly MongoRight[] = MONGODB_WATCHER_RIGHTS, maxConnections = 20) {
  const users = {
    watcher: { password: PASSWORD_CANARY, rights },
    app: { password: 'app-password', rights: [] },
  }
  const standIn = await startMongoStandIn({ users, maxConnections })
  cleanups.push(() => standIn.stop())
  return standIn
}
async function client({ host, port }: { host: string; port: number }, application = 'shop') {
  const login = { user: 'app', password: 'app-password' }
  const connection = await MongoConnection.open({ host, port, ...login, application })
  cleanups.push(() => connection.close())
  return connection
}
const urlOf = ({ host, port }: { host: string; port: number }) =>
  `mongodb://watcher:${PASSWORD_CANARY}@${host}:${port}/?authSource=admin`
const detail = (sample: ServerSample, group: string, name: string) =>
  sample.details.find(({ title }) => title === group)?.details.find((one) => one.name === name)?.value

describe('a MongoDB stand-in', () => {
  it('tells its limit, when it started, and who is connected', async () => {
    const standIn = await start()
    const app = await client(standIn)
    const sample = await watch(urlOf(standIn)).sample()
    expect(sample).toMatchObject({ version: '8.0.0', maxConnections: 20, reservedConnections: 0, peers: [] })
    expect(Math.abs(standIn.startedAtMs - Number(sample.startedAtMs))).toBeLessThan(60_000)
    expect(sample.sessions).toMatchObject([
      {
        pid: app.id,
        application: 'shop',
        user: 'app',
        database: null,
        clientAddress: '127.0.0.1',
        state: 'idle',
      },
    ])
    expect(detail(sample, 'Connections', 'available')).toBe(18)
    expect(detail(sample, 'Cursors', 'open')).toBe(0)
  })

  it('tells statements by their command and where it looks, without a value', async () => {
    const standIn = await start()
    const app = await client(standIn)
    const gate = standIn.gate()
    const found = app.command(
      { find: 'orders', filter: { a: LITERAL_CANARY }, comment: gate.comment },
      'shop',
    )
    const one = watch(urlOf(standIn))
    const { sample } = await one.until((update) => update.sample?.statements?.statements.length === 1)
    expect(sample?.statements).toMatchObject({
      source: 'sampled',
      statements: [{ text: 'find shop.orders', user: 'app', database: 'shop', calls: 1 }],
    })
    expect(JSON.stringify(one.updates)).not.toContain(LITERAL_CANARY)
    gate.open()
    await found
  })

  it('asks only for sections that it reads, over one connection', async () => {
    const standIn = await start()
    const one = watch(urlOf(standIn))
    await one.sample()
    await one.sample()
    const asked = standIn.log.filter(({ command }) => command.serverStatus === 1)
    expect(asked.at(-1)?.command).toMatchObject({ metrics: 0, wiredTiger: 0, locks: 0, maxTimeMS: 1000 })
    expect(asked[0]?.command.metrics).toBeUndefined()
    expect(standIn.counters.totalCreated).toBe(1)
  })

  it('counts without the list of operations where that may not be read', async () => {
    const standIn = await start(['serverStatus'])
    await client(standIn)
    const sample = await watch(urlOf(standIn)).sample()
    expect(sample.connections).toEqual({
      active: null,
      idle: null,
      idleInTransaction: null,
      other: null,
      total: 2,
    })
    expect(sample).toMatchObject({ sessions: [], statements: null, maxConnections: 20 })
  })

  it('is denied where the user may read nothing', async () => {
    const standIn = await start([])
    const denied = await watch(urlOf(standIn)).refused()
    expect(denied).toMatchObject({ state: 'denied', error: { code: 'permission_denied' } })
  })

  it('names the other members of its set, which are watched with the same login', async () => {
    const standIn = await start()
    standIn.replicaSet = { name: 'rs', hosts: [standIn.address, 'b.internal:27018'] }
    const sample = await watch(urlOf(standIn)).sample()
    expect(sample).toMatchObject({ peers: ['b.internal:27018'], knownAs: standIn.address })
    expect(detail(sample, 'Replication', 'role')).toBe('primary')
    expect(detail(sample, 'Replication', 'behind')).toBe(0)
    expect(peerOf(targetOf(urlOf(standIn)), 'b.internal:27018')).toMatchObject({
      address: 'b.internal:27018',
      url: `mongodb://watcher:${PASSWORD_CANARY}@b.internal:27018/?authSource=admin`,
    })
  })

  it('says that it is full where it was nearly so before it hung up', async () => {
    const standIn = await start(MONGODB_WATCHER_RIGHTS, 4)
    const proxy = await startTcpProxy(standIn)
    cleanups.push(() => proxy.stop())
    const one = watch(urlOf(proxy))
    await one.sample()
    for (let i = 0; i < 3; i++) await client(standIn)
    await one.sample(({ connections }) => connections.total === 4)
    const refused = one.until(({ state }) => state === 'refused')
    proxy.cut()
    // Whoever is quicker takes the place that became free.
    await eventually(() => client(standIn))
    expect(await refused).toMatchObject({ error: { code: 'connections_exhausted' } })
  })

  it('keeps a connection on which the server ended a command by its own time limit', async () => {
    const standIn = await start()
    const one = watch(urlOf(standIn))
    await one.sample()
    standIn.failures.set('serverStatus', { code: 50, codeName: 'MaxTimeMSExpired' })
    const late = await one.until(({ error }) => error !== null)
    expect(late).toMatchObject({ state: 'unreachable', error: { code: 'timeout' } })
    standIn.failures.clear()
    await one.sample()
    expect(standIn.counters.totalCreated).toBe(1)
  })
})

describe(checkServer, () => {
  const check = async (standIn: MongoStandIn) => {
    const found = await checkServer(targetOf(urlOf(standIn)), new AbortController().signal)
    expect(found.failure).toBeNull()
    return JSON.stringify(found.items)
  }

  it('finds nothing missing with exactly the rights of the manual', async () => {
    const standIn = await start()
    expect(await check(standIn)).not.toContain('"missing"')
  })

  it('names the command for what is missing', async () => {
    const standIn = await start(['serverStatus'])
    const found = await check(standIn)
    expect(found).toContain('"missing"')
    expect(found).toContain('grantRolesToUser')
    expect(found).not.toContain(PASSWORD_CANARY)
  })
})
