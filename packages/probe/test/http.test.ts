import { Agent, get, type RequestOptions, request } from 'node:http'
import { Agent as TlsAgent, get as tlsGet } from 'node:https'
import { createServer } from 'node:net'
import { flush, unwatch, watch } from '@poolscope/probe/http'
import { eventually, startBlackhole } from '@poolscope/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { delivered, FakeAgent, until } from './agent.ts'
import { HeldServer } from './http.fixture.ts'
import { totalsOf } from './network.fixture.ts'

let reports: FakeAgent
let server: HeldServer
const agents: Agent[] = []
beforeEach(async () => {
  reports = await FakeAgent.start()
  server = await HeldServer.start()
})
afterEach(async () => {
  for (const agent of agents.splice(0)) {
    unwatch(agent)
    agent.destroy()
  }
  await flush()
  expect(reports.invalid).toEqual([])
  await server.stop()
  await reports.stop()
})

function watched(settings: ConstructorParameters<typeof Agent>[0]): Agent {
  const agent = new Agent(settings)
  agents.push(agent)
  return watch(agent, { url: reports.url, name: 'api' })
}

/** Resolves when the response has been read, with `failed` when there was none. */
function fetched(agent: Agent, path: string, options: RequestOptions = {}): Promise<string> {
  return new Promise((resolve) => {
    const sent = get({ host: '127.0.0.1', port: server.port, path, agent, ...options }, (response) =>
      response
        .resume()
        .on('end', () => resolve('answered'))
        .on('error', () => resolve('failed')),
    )
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => resolve('failed'))
  })
}

const name = () => `api 127.0.0.1:${server.port}`

async function now(of = name()) {
  await delivered(flush)
  return reports.pool(of)
}

describe('an agent', () => {
  it('has a pool for each place, with its address and limit', async () => {
    const other = await HeldServer.start()
    const agent = watched({ keepAlive: true, maxSockets: 3, timeout: 5000 })
    await fetched(agent, '/now')
    await fetched(agent, '/now', { port: other.port, host: 'localhost' })
    expect(await now()).toMatchObject({
      system: 'http',
      target: { host: '127.0.0.1', port: server.port, database: null, user: null },
      max: 3,
      idle: 1,
      idleTimeoutMs: 5000,
    })
    expect(await now(`api localhost:${other.port}`)).toMatchObject({ max: 3, idle: 1 })
    agent.destroy()
    await other.stop()
  })

  it('has no limit that is known where none was set', async () => {
    await fetched(watched({ keepAlive: true }), '/now')
    expect((await now()).max).toBeNull()
  })

  it('counts as the server counts, with and without keeping connections', async () => {
    for (const keepAlive of [true, false]) {
      const agent = watched({ keepAlive, maxSockets: 5 })
      const before = { connections: server.connections, requests: server.requests }
      const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => fetched(agent, `/now${i}`)))
      expect(new Set(answers)).toEqual(new Set(['answered']))
      await until(() => Object.keys(agent.sockets).length === 0)
      const report = await now()
      expect(report).toMatchObject({ inUse: 0, connecting: 0, waiting: 0, idle: keepAlive ? 5 : 0 })
      expect(report.window.inUsePeak).toBeLessThanOrEqual(5)
      const connections = server.connections - before.connections
      expect(connections).toBeGreaterThanOrEqual(5)
      expect(server.requests - before.requests).toBe(60)
      expect(totalsOf(reports, name())).toMatchObject({
        checkouts: 60,
        waits: 60,
        holds: 60,
        created: connections,
        creates: connections,
        destroyed: connections - report.idle,
        errors: 0,
        timeouts: 0,
      })
      unwatch(agent)
      await until(() => reports.all(name()).at(-1)?.ended)
      await flush()
      reports.received.length = 0
    }
  })

  it('holds a socket until the whole response was read', async () => {
    const agent = watched({ keepAlive: true, maxSockets: 1 })
    const response = fetched(agent, '/slow')
    const second = fetched(agent, '/now')
    await server.arrived('/slow')
    const report = await now()
    expect(report).toMatchObject({ inUse: 1, idle: 0, waiting: 1, max: 1 })
    expect(report.holders).toHaveLength(1)
    server.answer('/slow')
    await Promise.all([response, second])
    await until(() => Object.keys(agent.freeSockets).length === 1)
    expect(await now()).toMatchObject({ inUse: 0, idle: 1, waiting: 0 })
  })

  it('ends a hold when the connection is cut, and gives the next request another', async () => {
    const agent = watched({ keepAlive: true, maxSockets: 1 })
    const response = fetched(agent, '/cut')
    const second = fetched(agent, '/now')
    await server.arrived('/cut')
    server.cut('/cut')
    expect(await response).toBe('failed')
    expect(await second).toBe('answered')
    await until(() => Object.keys(agent.freeSockets).length === 1)
    expect(await now()).toMatchObject({ inUse: 0, idle: 1 })
    // Whoever lost its connection had one: to the pool that is no error.
    const totals = { checkouts: 2, holds: 2, created: 2, destroyed: 1, errors: 0 }
    expect(totalsOf(reports, name())).toMatchObject(totals)
  })

  it('counts a request that was given up before it had a socket', async () => {
    const agent = watched({ keepAlive: true, maxSockets: 1 })
    const response = fetched(agent, '/first')
    await server.arrived('/first')
    const late = fetched(agent, '/late', { signal: AbortSignal.timeout(30) })
    const aborted = new AbortController()
    const unwanted = fetched(agent, '/unwanted', { signal: aborted.signal })
    expect(await now()).toMatchObject({ inUse: 1, waiting: 2 })
    aborted.abort()
    // The agent lets go of them only when it has a socket for them.
    await new Promise((resolve) => setTimeout(resolve, 60))
    server.answer('/first')
    expect(await Promise.all([response, late, unwanted])).toEqual(['answered', 'failed', 'failed'])
    expect(await now()).toMatchObject({ waiting: 0, inUse: 0 })
    expect(totalsOf(reports, name())).toMatchObject({ checkouts: 1, timeouts: 1, errors: 1 })
  })

  it('counts a request whose connection never opened as a time-out when it gave up', async () => {
    const silent = await startBlackhole()
    const agent = new TlsAgent({ keepAlive: true })
    agents.push(agent)
    watch(agent, { url: reports.url, name: (host, port) => `silent ${host} ${port}` })
    const of = `silent ${silent.host} ${silent.port}`
    const sent = tlsGet({ host: silent.host, port: silent.port, agent })
    const failed = new Promise((resolve) => sent.on('error', resolve))
    sent.on('timeout', () => sent.destroy())
    await until(() => sent.socket !== null)
    expect(await now(of)).toMatchObject({ inUse: 0, idle: 0, connecting: 1, waiting: 1 })
    // Only now, so that it does not give up before it was seen.
    sent.setTimeout(20)
    await failed
    await eventually(async () => expect((await now(of)).waiting).toBe(0))
    expect(await now(of)).toMatchObject({ inUse: 0, idle: 0, connecting: 0 })
    expect(totalsOf(reports, of)).toMatchObject({ timeouts: 1, errors: 0, created: 0, destroyed: 0 })
    await silent.stop()
  })

  it('counts no socket that went to a WebSocket', async () => {
    const upgrading = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
      )
    })
    await new Promise<void>((resolve) => upgrading.listen(0, '127.0.0.1', resolve))
    const { port } = upgrading.address() as { port: number }
    const agent = watched({ keepAlive: true, maxSockets: 1 })
    const headers = { connection: 'Upgrade', upgrade: 'websocket' }
    const socket = await new Promise<{ destroy(): void }>((resolve) => {
      const sent = request({ host: '127.0.0.1', port, agent, headers })
      sent.on('upgrade', (_response, upgraded) => resolve(upgraded))
      sent.end()
    })
    expect(await now(`api 127.0.0.1:${port}`)).toMatchObject({ inUse: 0, idle: 0 })
    expect(totalsOf(reports, `api 127.0.0.1:${port}`)).toMatchObject({ checkouts: 1, holds: 1 })
    socket.destroy()
    await new Promise((resolve) => upgrading.close(resolve))
  })

  it('leaves an error that nobody handles to the process', async () => {
    const agent = watched({ keepAlive: true })
    const sent = request({ host: '127.0.0.1', port: 9, agent })
    expect(sent.listenerCount('error')).toBe(0)
    const failed = new Promise((resolve) => sent.on('error', resolve))
    sent.end()
    expect(await failed).toMatchObject({ code: 'ECONNREFUSED' })
    await eventually(async () => expect((await now('api 127.0.0.1:9')).waiting).toBe(0))
    expect(totalsOf(reports, 'api 127.0.0.1:9')).toMatchObject({ errors: 1, checkouts: 0, created: 0 })
  })

  it('shares one pool among places beyond a hundred', async () => {
    const agent = watched({ keepAlive: true })
    for (let i = 0; i < 105; i++) await fetched(agent, '/now', { localAddress: `127.0.1.${i + 1}` })
    await flush()
    expect(reports.received.at(-1)?.report.pools).toHaveLength(101)
    expect(reports.pool('api others')).toMatchObject({ idle: 5, target: { host: null, port: null } })
  })
})
