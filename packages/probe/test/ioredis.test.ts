import { flush, unwatch, watch } from '@poolscope/probe/ioredis'
import { Cluster, type ClusterNode, Redis, type RedisOptions } from 'ioredis'
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { delivered, FakeAgent, until } from './agent.ts'
import { type OwnRedis, startCluster, startRedis } from './ioredis.fixture.ts'
import { counted, totalsOf } from './network.fixture.ts'

const versions = [
  ['ioredis 6', Redis, Cluster],
  ['ioredis 5', Redis5 as unknown as typeof Redis, Cluster5 as unknown as typeof Cluster],
] as const

let agent: FakeAgent
beforeEach(async () => {
  agent = await FakeAgent.start()
})
afterEach(async () => {
  await flush()
  expect(agent.invalid).toEqual([])
  await agent.stop()
})

async function now(name = 'p') {
  await delivered(flush)
  return agent.pool(name)
}

describe.each(versions)('%s', (_version, Client, ClusterClient) => {
  let server: OwnRedis
  let open: { disconnect(): void }[] = []
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())
  afterEach(() => {
    for (const client of open) client.disconnect()
    open = []
  })

  async function ready(
    options: Pick<RedisOptions, 'commandTimeout' | 'maxRetriesPerRequest'> = {},
  ): Promise<Redis> {
    const redis = new Client(server.port, { retryStrategy: () => 20, ...options })
    redis.on('error', () => {})
    open.push(redis)
    watch(redis, { url: agent.url, name: 'p', stackEvery: 1 })
    await until(() => redis.status === 'ready')
    return redis
  }

  it('lets commands that were written together share the connection, none of them waiting', async () => {
    const redis = await ready()
    expect(await now()).toMatchObject({ max: 1, inUse: 0, idle: 1, window: { checkouts: 0, created: 1 } })
    const replies = Promise.all(Array.from({ length: 100 }, (_, i) => redis.set(`k${i}`, i)))
    await redis.pipeline().get('k1').incr('k1').exec()
    await redis.multi().get('k1').incr('k1').exec()
    await replies
    const report = await now()
    // 100 + 2 + MULTI, 2 and EXEC.
    expect(totalsOf(agent, 'p')).toMatchObject({
      checkouts: 106,
      waits: 106,
      holds: 106,
      errors: 0,
      timeouts: 0,
    })
    expect(report).toMatchObject({ inUse: 0, idle: 1, waiting: 0, window: { inUsePeak: 1, waitingPeak: 0 } })
  })

  it('counts an error that the server answers as a reply', async () => {
    const redis = await ready()
    await redis.set('text', 'a')
    await expect(redis.lpush('text', 'b')).rejects.toThrow('WRONGTYPE')
    await expect(redis.call('nonsense')).rejects.toThrow('unknown command')
    await flush()
    expect(totalsOf(agent, 'p')).toMatchObject({ checkouts: 3, holds: 3, errors: 0 })
  })

  it('lets commands wait behind one that blocks', async () => {
    const redis = await ready()
    const first = redis.get('a')
    const blocked = redis.blpop('list', 0)
    const behind = [
      redis.get('b'),
      redis.get('c'),
      redis.xread('BLOCK', 1, 'STREAMS', 's', '$'),
      redis.get('d'),
    ]
    await first
    const report = await until(() => agent.all('p').find(({ waiting }) => waiting === 4))
    expect(report).toMatchObject({ inUse: 1, idle: 0, max: 1 })
    expect(report.holders).toHaveLength(1)
    await server.control.rpush('list', 'x')
    await Promise.all([blocked, ...behind])
    expect(await now()).toMatchObject({ inUse: 0, waiting: 0, idle: 1, oldestWaitMs: null })
    expect(totalsOf(agent, 'p')).toMatchObject({ checkouts: 6, waits: 6, holds: 6, errors: 0 })
  })

  it('lets commands wait while there is no connection', async () => {
    const redis = await ready({ maxRetriesPerRequest: null })
    await redis.set('a', 1)
    await server.halt()
    await until(() => redis.status !== 'ready')
    const startMs = performance.now()
    const replies = [redis.get('a'), redis.get('b'), redis.get('c')]
    expect(await now()).toMatchObject({ inUse: 0, idle: 0, waiting: 3 })
    await server.start()
    await Promise.all(replies)
    const mostMs = performance.now() - startMs
    expect(await now()).toMatchObject({ inUse: 0, idle: 1, waiting: 0 })
    const totals = totalsOf(agent, 'p')
    expect(totals).toMatchObject({ checkouts: 4, waits: 4, holds: 4, created: 2, destroyed: 1, errors: 0 })
    expect(totals.waitMs).toBeLessThanOrEqual(3 * mostMs)
    expect(totals.waitMs).toBeGreaterThan(0)
  })

  it('counts commands that failed for want of a connection as errors, once each', async () => {
    const redis = await ready({ maxRetriesPerRequest: 1 })
    await server.halt()
    await until(() => redis.status !== 'ready')
    const replies = await Promise.allSettled([redis.get('a'), redis.get('b')])
    expect(replies.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await now()).toMatchObject({ inUse: 0, idle: 0, waiting: 0 })
    expect(totalsOf(agent, 'p')).toMatchObject({ checkouts: 0, errors: 2, timeouts: 0 })
    await server.start()
  })

  it('counts a command that took too long as a time-out, and the connection as in use until its reply', async () => {
    const redis = await ready({ commandTimeout: 100 })
    await expect(redis.blpop('late', 0)).rejects.toThrow('Command timed out')
    expect(await now()).toMatchObject({ inUse: 1, idle: 0, waiting: 0, acquireTimeoutMs: 100 })
    await server.control.rpush('late', 'x')
    await until(() => agent.pool('p').inUse === 0)
    const totals = totalsOf(agent, 'p')
    expect(totals).toMatchObject({ checkouts: 1, holds: 1, timeouts: 1, errors: 0 })
    expect(totals.holdMs).toBeGreaterThan(100)
  })

  it('lets a command that lost its connection wait for the next one', async () => {
    const redis = await ready()
    const id = await redis.client('ID')
    const reply = redis.blpop('later', 0)
    await until(() => agent.all('p').some(({ inUse }) => inUse === 1))
    await server.control.client('KILL', 'ID', id)
    await until(() => redis.status !== 'ready')
    await until(() => redis.status === 'ready')
    await server.control.rpush('later', 'x')
    await reply
    expect(await now()).toMatchObject({ inUse: 0, idle: 1, waiting: 0 })
    expect(totalsOf(agent, 'p')).toMatchObject({
      checkouts: 3,
      holds: 3,
      created: 2,
      destroyed: 1,
      errors: 0,
    })
  })

  it('says that a client was shut down, and reports it anew when it connects again', async () => {
    const redis = await ready()
    await redis.quit()
    await until(() => agent.all('p').at(-1)?.ended)
    await flush()
    await redis.connect()
    await redis.set('a', 1)
    expect(await now()).toMatchObject({ ended: false, idle: 1, inUse: 0 })
    // QUIT and SET.
    expect(totalsOf(agent, 'p')).toMatchObject({ checkouts: 2, holds: 2, created: 2, destroyed: 1 })
  })

  it('leaves what its commands answer as it is', async () => {
    const redis = await ready()
    const unhandled: unknown[] = []
    const listener = (error: unknown) => unhandled.push(error)
    const before = process.rawListeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', listener)
    void redis.call('nonsense')
    await until(() => unhandled.length > 0)
    process.removeListener('unhandledRejection', listener)
    for (const old of before) process.on('unhandledRejection', old as () => void)
    expect(String(unhandled[0])).toContain('unknown command')
    expect(await new Promise((resolve) => redis.ping((_error, reply) => resolve(reply)))).toBe('PONG')
  })

  it('reports one pool for each node of a cluster', async () => {
    const nodes = await startCluster()
    const cluster = new ClusterClient(nodes.map(({ host, port }): ClusterNode => ({ host, port })))
    open.push(cluster)
    watch(cluster, { url: agent.url, name: 'c' })
    await until(() => cluster.status === 'ready')
    for (const { control } of nodes) await control.config('RESETSTAT')
    await Promise.all(Array.from({ length: 300 }, (_, i) => cluster.set(`key-${i}`, i)))
    await delivered(flush)
    let all = 0
    for (const { control, host, port } of nodes) {
      const name = `c ${host}:${port}`
      // What the server counted itself.
      const stats = String(await control.info('commandstats'))
      const calls = Number(/cmdstat_set:calls=(\d+)/.exec(stats)?.[1])
      const before = agent.all(name).reduce((sum, { window }) => sum + counted(window.hold), 0)
      expect(before).toBeGreaterThanOrEqual(calls)
      // Besides the commands of callers, the driver asks for the slots now and then.
      expect(before).toBeLessThan(calls + 10)
      expect(agent.pool(name)).toMatchObject({ system: 'redis', max: 1, target: { host, port } })
      all += calls
    }
    expect(all).toBe(300)
    const [first] = cluster.nodes('all')
    unwatch(cluster)
    expect(first === undefined || Object.hasOwn(first, 'sendCommand')).toBe(false)
    cluster.disconnect()
    for (const node of nodes) await node.stop()
  })
})
