import { type Client, status } from '@grpc/grpc-js'
import { flush, watch } from '@poolscope/probe/grpc'
import { eventually, startBlackhole, startTcpProxy } from '@poolscope/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { delivered, FakeAgent, until } from './agent.ts'
import { clientOf, HeldCalls, hold, stream } from './grpc.fixture.ts'
import { totalsOf } from './network.fixture.ts'

let reports: FakeAgent
let server: HeldCalls
const clients: Client[] = []
beforeEach(async () => {
  reports = await FakeAgent.start()
  server = await HeldCalls.start()
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await flush()
  expect(reports.invalid).toEqual([])
  await server.stop()
  await reports.stop()
})

function watched(address = `127.0.0.1:${server.port}`): Client {
  const client = clientOf(address)
  clients.push(client)
  return watch(client, { url: reports.url, name: 'orders', stackEvery: 1 })
}

async function now() {
  await delivered(flush)
  return reports.pool('orders')
}

describe('a channel', () => {
  it('counts each call as a stream in use, as the server counts', async () => {
    const client = watched()
    const held = Array.from({ length: 10 }, (_, i) => hold(client, `${i}`))
    await Promise.all(held.map((_, i) => server.arrived(`${i}`)))
    const report = await now()
    expect(report).toMatchObject({ system: 'grpc', inUse: 10, idle: 0, connecting: 0, waiting: 0, max: null })
    expect(report.target).toEqual({ host: '127.0.0.1', port: server.port, database: null, user: null })
    expect(report.holders).toHaveLength(10)
    for (const [i, reply] of held.entries()) {
      server.answer(`${i}`)
      await reply
    }
    await Promise.all(Array.from({ length: 90 }, (_, i) => hold(client, `now${i}`)))
    expect(await now()).toMatchObject({ inUse: 0, idle: 1, waiting: 0 })
    expect(server.calls).toBe(100)
    expect(totalsOf(reports, 'orders')).toMatchObject({
      checkouts: 100,
      waits: 100,
      holds: 100,
      created: 1,
      creates: 1,
      destroyed: 0,
      errors: 0,
      timeouts: 0,
    })
  })

  it('holds a stream of answers until its end', async () => {
    const client = watched()
    const answers = stream(client, 'long')
    await new Promise((resolve) => answers.once('data', resolve))
    expect(await now()).toMatchObject({ inUse: 1, waiting: 0 })
    server.answer('long')
    await new Promise((resolve) => answers.on('data', () => {}).on('end', resolve))
    await eventually(async () => expect(await now()).toMatchObject({ inUse: 0, idle: 1 }))
    expect(totalsOf(reports, 'orders')).toMatchObject({ checkouts: 1, holds: 1, errors: 0 })
  })

  it('lets calls wait while it connects, and counts those whose deadline passes as time-outs', async () => {
    const silent = await startBlackhole()
    const client = watched(`${silent.host}:${silent.port}`)
    const calls = [hold(client, 'a', 2500), hold(client, 'b', 2500)]
    const ends = Promise.allSettled(calls)
    await eventually(async () =>
      expect(await now()).toMatchObject({ inUse: 0, idle: 0, connecting: 1, waiting: 2 }),
    )
    for (const end of await ends) {
      expect(end).toMatchObject({ status: 'rejected', reason: { code: status.DEADLINE_EXCEEDED } })
    }
    expect((await now()).waiting).toBe(0)
    expect(totalsOf(reports, 'orders')).toMatchObject({ checkouts: 0, timeouts: 2, errors: 0, created: 0 })
    await silent.stop()
  })

  it('counts a call that the server does not answer in time as a time-out that was on a stream', async () => {
    const client = watched()
    await hold(client, 'now')
    await expect(hold(client, 'never', 1000)).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED })
    expect(await now()).toMatchObject({ inUse: 0, idle: 1 })
    expect(totalsOf(reports, 'orders')).toMatchObject({ checkouts: 2, holds: 2, timeouts: 1, errors: 0 })
  })

  it('counts what a lost connection takes with it, and the next connection', async () => {
    const proxy = await startTcpProxy({ host: '127.0.0.1', port: server.port })
    const client = watched(`${proxy.host}:${proxy.port}`)
    const lost = hold(client, 'lost')
    await server.arrived('lost')
    proxy.cut()
    await expect(lost).rejects.toMatchObject({ code: status.UNAVAILABLE })
    await eventually(async () => expect((await now()).inUse).toBe(0))
    await eventually(() => hold(client, 'now').then(Boolean, () => false))
    await eventually(async () => expect(await now()).toMatchObject({ inUse: 0, idle: 1 }))
    expect(totalsOf(reports, 'orders')).toMatchObject({ created: 2, destroyed: 1 })
    expect(totalsOf(reports, 'orders').errors).toBeGreaterThanOrEqual(1)
    await proxy.stop()
  })

  it('counts a call that was called off while it waited as neither error nor time-out', async () => {
    const silent = await startBlackhole()
    const client = watched(`${silent.host}:${silent.port}`)
    const answers = stream(client, 'unwanted').on('error', () => {})
    await eventually(async () => expect((await now()).waiting).toBe(1))
    answers.cancel()
    await eventually(async () => expect((await now()).waiting).toBe(0))
    expect(totalsOf(reports, 'orders')).toMatchObject({ checkouts: 0, timeouts: 0, errors: 0 })
    await silent.stop()
  })

  it('is one pool, whichever of its clients is watched', async () => {
    const client = watched()
    watch(client.getChannel(), { url: reports.url, name: 'again' })
    await hold(client, 'now')
    await now()
    expect(reports.all('again')).toEqual([])
    client.close()
    await until(() => reports.pool('orders').ended)
    expect(totalsOf(reports, 'orders')).toMatchObject({ checkouts: 1, created: 1, destroyed: 1 })
  })
})
