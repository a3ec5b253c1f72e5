import { flush, unwatch, watch, watchFetch } from '@poolscope/probe/undici'
import { eventually } from '@poolscope/testkit'
import * as undici7 from 'undici'
import * as undici6 from 'undici-6'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { delivered, FakeAgent, until } from './agent.ts'
import { HeldServer } from './http.fixture.ts'
import { totalsOf } from './network.fixture.ts'

const versions = [
  ['undici 7', undici7],
  ['undici 6', undici6 as unknown as typeof undici7],
] as const

let reports: FakeAgent
let server: HeldServer
let base: string
const open: undici7.Dispatcher[] = []
beforeEach(async () => {
  reports = await FakeAgent.start()
  server = await HeldServer.start()
  base = `http://127.0.0.1:${server.port}`
})
afterEach(async () => {
  for (const dispatcher of open.splice(0))
    if (!('destroyed' in dispatcher && dispatcher.destroyed)) await dispatcher.destroy()
  await flush()
  expect(reports.invalid).toEqual([])
  await server.stop()
  await reports.stop()
})

function watched<D extends undici7.Dispatcher>(dispatcher: D): D {
  open.push(dispatcher)
  return watch(dispatcher, { url: reports.url, name: 'api', stackEvery: 1 })
}

async function now(name = `api 127.0.0.1:${server.port}`) {
  await delivered(flush)
  return reports.pool(name)
}

const totals = (name = `api 127.0.0.1:${server.port}`) => totalsOf(reports, name)

describe.each(versions)('%s', (_version, { Agent, Client, Pool, request, fetch }) => {
  async function asked(path: string, dispatcher: undici7.Dispatcher, signal?: AbortSignal): Promise<string> {
    try {
      const { body } = await request(`${base}${path}`, { dispatcher, ...(signal ? { signal } : {}) })
      await body.text()
      return 'answered'
    } catch {
      return 'failed'
    }
  }

  it('counts as the server counts', async () => {
    const pool = watched(new Pool(base, { connections: 5 }))
    expect(await now()).toMatchObject({
      system: 'http',
      max: 5,
      idleTimeoutMs: 4000,
      target: { host: '127.0.0.1', port: server.port },
    })
    await Promise.all(Array.from({ length: 100 }, (_, i) => asked(`/now${i}`, pool)))
    expect(await now()).toMatchObject({ inUse: 0, connecting: 0, waiting: 0, idle: server.connections })
    expect(server.requests).toBe(100)
    expect(totals()).toMatchObject({
      checkouts: 100,
      waits: 100,
      holds: 100,
      created: server.connections,
      creates: server.connections,
      errors: 0,
    })
    await pool.close()
    expect(await eventually(() => reports.all(`api 127.0.0.1:${server.port}`).at(-1)?.ended)).toBe(true)
    expect(totals().destroyed).toBe(server.connections)
  })

  it('has a pool for each place that an agent leads to', async () => {
    const other = await HeldServer.start()
    const agent = watched(new Agent({ connections: 2 }))
    await asked('/now', agent)
    const { body } = await request(`http://localhost:${other.port}/now`, { dispatcher: agent })
    await body.text()
    expect(await now()).toMatchObject({ max: 2, idle: 1, inUse: 0 })
    const there = await now(`api localhost:${other.port}`)
    expect(there).toMatchObject({ max: 2, idle: 1, target: { host: 'localhost', port: other.port } })
    await agent.close()
    await other.stop()
  })

  it('sees that requests which are pipelined share a connection', async () => {
    const client = watched(new Client(base, { pipelining: 3 }))
    const first = asked('/now', client)
    await first
    const answers = ['/a', '/b', '/c', '/d'].map((path) => asked(path, client))
    await server.arrived('/a')
    const report = await now()
    expect(report).toMatchObject({ max: 1, inUse: 1, idle: 0 })
    // How many it sends ahead of the first answer is up to the driver.
    expect(report.waiting).toBeGreaterThanOrEqual(1)
    expect(report.waiting).toBeLessThanOrEqual(3)
    expect(report.holders).toHaveLength(1)
    expect(report.holders[0]?.stack?.join()).toContain('undici.test.ts')
    for (const path of ['/a', '/b', '/c', '/d']) {
      await server.arrived(path)
      server.answer(path)
    }
    await Promise.all(answers)
    expect(await now()).toMatchObject({ inUse: 0, idle: 1, waiting: 0 })
    expect(totals()).toMatchObject({ checkouts: 5, holds: 5, created: 1 })
  })

  it('counts who gave up before having a connection', async () => {
    const pool = watched(new Pool(base, { connections: 1 }))
    const first = asked('/first', pool)
    await server.arrived('/first')
    const [over, abort] = [new AbortController(), new AbortController()]
    const late = asked('/late', pool, over.signal)
    const unwanted = asked('/unwanted', pool, abort.signal)
    expect(await now()).toMatchObject({ inUse: 1, waiting: 2, max: 1 })
    over.abort(new DOMException('its time is over', 'TimeoutError'))
    abort.abort()
    server.answer('/first')
    expect(await first).toBe('answered')
    expect(await unwanted).toBe('failed')
    await late
    await eventually(async () => expect(await now()).toMatchObject({ inUse: 0, waiting: 0 }))
  })

  it('ends a hold when the connection is cut, and gives the next request another', async () => {
    const pool = watched(new Pool(base, { connections: 1 }))
    const first = asked('/cut', pool)
    const second = asked('/now', pool)
    await server.arrived('/cut')
    server.cut('/cut')
    expect(await first).toBe('failed')
    expect(await second).toBe('answered')
    expect(await now()).toMatchObject({ inUse: 0, idle: 1, waiting: 0 })
    expect(totals()).toMatchObject({ checkouts: 2, holds: 2, created: 2, destroyed: 1, errors: 0 })
  })

  it('counts a request for which no connection could be opened', async () => {
    const agent = watched(new Agent())
    await expect(request('http://127.0.0.1:9/', { dispatcher: agent })).rejects.toThrow('ECONNREFUSED')
    expect(await now('api 127.0.0.1:9')).toMatchObject({ inUse: 0, connecting: 0, waiting: 0, max: null })
    expect(totals('api 127.0.0.1:9')).toMatchObject({ errors: 1, checkouts: 0, created: 0, destroyed: 0 })
  })

  it('sees the fetch of the package', async () => {
    const agent = watched(new Agent({ connections: 1 }))
    const response = await fetch(`${base}/now`, { dispatcher: agent })
    expect(await response.text()).toBe('done')
    await eventually(async () => expect(await now()).toMatchObject({ inUse: 0, idle: 1 }))
    expect(totals()).toMatchObject({ checkouts: 1, holds: 1, created: 1 })
  })

  it('leaves a dispatcher of another’s making alone', async () => {
    const pool = new Pool(base)
    open.push(pool)
    const other = watched(new Pool(base, { connections: 1 }))
    await Promise.all([asked('/now1', pool), asked('/now2', other), asked('/now3', pool)])
    await now()
    expect(totals()).toMatchObject({ checkouts: 1, created: 1 })
  })
})

describe(watchFetch, () => {
  it('measures what the runtime’s own fetch does', async () => {
    const dispatcher = watchFetch({ url: reports.url })
    expect(dispatcher).not.toBeNull()
    const name = `fetch 127.0.0.1:${server.port}`
    const first = fetch(`${base}/held`)
    await server.arrived('/held')
    expect(await now(name)).toMatchObject({ inUse: 1, system: 'http', max: null })
    server.answer('/held')
    expect(await (await first).text()).toBe('done')
    await Promise.all([1, 2, 3].map(async (i) => (await fetch(`${base}/now${i}`)).text()))
    await eventually(async () => expect((await now(name)).inUse).toBe(0))
    expect(totals(name)).toMatchObject({ checkouts: 4, holds: 4, errors: 0, created: server.connections })
    if (dispatcher !== null) unwatch(dispatcher)
    await until(() => reports.pool(name).ended)
  })
})
