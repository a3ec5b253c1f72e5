import type { AddressInfo } from 'node:net'
import type { CatalogueMessage, HelloMessage, LiveMessage, TickMessage } from '@poolscope/protocol'
import { eventually } from '@poolscope/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { aPool, aReport, testAgent } from './support.ts'

type Agent = Awaited<ReturnType<typeof testAgent>>
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function listening(...access: Parameters<typeof testAgent>) {
  const made = await testAgent(...access)
  await made.app.listen({ host: '127.0.0.1', port: 0 })
  cleanups.push(() => made.app.close())
  const { port } = made.app.server.address() as AddressInfo
  return { ...made, url: `ws://127.0.0.1:${port}/api/v1/live` }
}

/** A client that keeps what it got. */
function connect(url: string, options: object = {}) {
  const socket = new WebSocket(url, options)
  const messages: LiveMessage[] = []
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  const refused = new Promise<number>((resolve) =>
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode as number)),
  )
  socket.on('message', (data) => messages.push(JSON.parse(String(data))))
  socket.on('error', () => {})
  cleanups.push(() => socket.terminate())
  const until = async <T>(find: (messages: LiveMessage[]) => T | undefined): Promise<T> => {
    const deadline = Date.now() + 45_000
    for (;;) {
      const found = find(messages)
      if (found !== undefined) return found
      if (Date.now() > deadline) throw new Error(`not seen among ${messages.map((m) => m.type)}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const ofType = <T extends LiveMessage['type']>(type: T, nth = 0) =>
    until((all) => all.filter((message) => message.type === type)[nth] as Extract<LiveMessage, { type: T }>)
  return { socket, messages, closed, refused, until, ofType }
}

function report(made: Agent, inUse: number, over: object = {}) {
  made.fleet.takeReport(aReport([aPool({ inUse, ...over })]))
}

function column(hello: HelloMessage, tick: TickMessage, name: string) {
  return tick.groups[hello.poolColumns.indexOf(name)]
}

describe('GET /api/v1/live', () => {
  it('greets with the version and the full fleet, then sends one frame a tick', async () => {
    const made = await listening()
    report(made, 3)
    const client = connect(made.url)
    const hello = await client.ofType('hello')
    expect(hello).toMatchObject({ protocol: 1, tickMs: 1000 })
    expect(hello.fleet).toEqual(made.fleet.snapshot())
    made.tick()
    const catalogue = await client.ofType('catalogue')
    const tick = await client.ofType('tick')
    expect(catalogue.groups.map((group) => group.id)).toEqual(hello.fleet.groups.map((group) => group.id))
    expect(catalogue.pools).toHaveLength(1)
    expect(tick.epoch).toBe(catalogue.epoch)
    expect(column(hello, tick, 'inUse')).toEqual([3])
    report(made, 5)
    // A new client is sent no other tick before it has answered for the last one.
    const next = await client.until((all) => {
      const ticks = all.filter((message) => message.type === 'tick')
      if (ticks.length === 1) made.tick(1)
      return ticks[1]
    })
    expect(column(hello, next, 'inUse')).toEqual([5])
  })

  it('sends a new catalogue before the first tick with another pool', async () => {
    const made = await listening()
    report(made, 1)
    const client = connect(made.url)
    await client.ofType('hello')
    made.tick()
    await client.ofType('tick')
    report(made, 1, { name: 'second' })
    made.tick()
    const tick = await client.ofType('tick', 1)
    const catalogue: CatalogueMessage = await client.ofType('catalogue', 1)
    expect(client.messages.indexOf(catalogue)).toBeLessThan(client.messages.indexOf(tick))
    expect(catalogue.groups).toHaveLength(2)
    expect(tick.epoch).toBe(catalogue.epoch)
  })

  it('narrows to the topics that a client asks for', async () => {
    const made = await listening()
    report(made, 2)
    const group = made.fleet.snapshot().groups[0]?.id as string
    const client = connect(made.url)
    await client.ofType('hello')
    client.socket.send(
      JSON.stringify({ type: 'subscribe', topics: ['groups', `group:${group}`, 'server:none'] }),
    )
    await client.until((all) => {
      made.tick(10)
      return all.find((message) => message.type === 'group')
    })
    const detail = await client.ofType('group')
    expect(detail).toMatchObject({ id: group, holders: { total: 2 } })
    expect(detail.pools).toHaveLength(1)
    expect((await client.ofType('server')).server).toBeNull()
    const narrowed = await client.until((all) =>
      all.find((message): message is TickMessage => message.type === 'tick' && message.topic === 'groups'),
    )
    expect(narrowed.pools).toEqual([])
    expect(narrowed.groups.length).toBeGreaterThan(0)
  })

  it('gives two clients the same bytes', async () => {
    const made = await listening()
    report(made, 4)
    const [a, b] = [connect(made.url), connect(made.url)]
    await Promise.all([a.ofType('hello'), b.ofType('hello')])
    made.tick()
    expect(await a.ofType('tick')).toEqual(await b.ofType('tick'))
  })

  it('says what is wrong with a message and stays open', async () => {
    const made = await listening()
    const client = connect(made.url)
    await client.ofType('hello')
    const wrong = [
      'not json',
      '{}',
      '{"type":"subscribe","topics":["everything"]}',
      '{"type":"subscribe","topics":7}',
    ]
    for (const text of wrong) client.socket.send(text)
    await client.ofType('error', wrong.length - 1)
    expect(client.socket.readyState).toBe(WebSocket.OPEN)
  })

  it('closes a client that sends an oversized message', async () => {
    const made = await listening()
    const client = connect(made.url)
    await client.ofType('hello')
    client.socket.send('x'.repeat(70_000))
    expect(await client.closed).toBe(1009)
    await eventually(() => made.hub.clients === 0)
  })

  it('gives a client that wakes up the newest state and not a queue', async () => {
    const made = await listening()
    const client = connect(made.url)
    await client.ofType('hello')
    const raw = (client.socket as unknown as { _socket: { pause(): void; resume(): void } })._socket
    raw.pause()
    for (let i = 1; i <= 20; i++) {
      report(made, i)
      made.tick()
      // Turns of the event loop for pongs, if there were any.
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    expect(made.fleet.droppedTotal).toBe(19)
    raw.resume()
    const ticks = () => client.messages.filter((message) => message.type === 'tick')
    await client.until(() => (ticks().length === 1 ? true : undefined))
    await client.until(() => {
      made.tick(1)
      return ticks().length > 1 ? true : undefined
    })
    const hello = await client.ofType('hello')
    expect(ticks().map((tick) => column(hello, tick, 'inUse')?.[0])).toEqual(
      [1, 20].concat(Array(ticks().length - 2).fill(20)),
    )
  })

  it('sends at most ten ticks to a client that kept up and then stopped reading', async () => {
    const made = await listening()
    const client = connect(made.url)
    await client.ofType('hello')
    const ticks = () => client.messages.filter((message) => message.type === 'tick')
    await client.until(() => {
      made.tick(1)
      return ticks().length > 12 ? true : undefined
    })
    const skipped = made.fleet.droppedTotal
    const raw = (client.socket as unknown as { _socket: { pause(): void; resume(): void } })._socket
    raw.pause()
    for (let i = 0; i < 25; i++) made.tick()
    expect(made.fleet.droppedTotal - skipped).toBeGreaterThanOrEqual(15)
    raw.resume()
  })

  it('ends a client that confirms nothing for 30 s, and counts it', async () => {
    const made = await listening()
    const client = connect(made.url)
    await client.ofType('hello')
    const raw = (client.socket as unknown as { _socket: { pause(): void; resume(): void } })._socket
    raw.pause()
    for (let second = 0; second < 34; second++) made.tick()
    expect(made.hub.endedTotal).toBe(1)
    expect(made.hub.clients).toBe(0)
    raw.resume()
    await client.closed
  })

  it.each(['https://evil.example', 'null'])('refuses the origin %s before the handshake', async (origin) => {
    const made = await listening()
    expect(await connect(made.url, { origin }).refused).toBe(403)
    expect(made.hub.clients).toBe(0)
  })

  it('accepts its own origin and an allowed one', async () => {
    const made = await listening({ allowedOrigins: ['https://portal.example'] })
    const own = new URL(made.url)
    await connect(made.url, { origin: `http://${own.host}` }).ofType('hello')
    await connect(made.url, { origin: 'https://portal.example' }).ofType('hello')
  })

  it('asks for the token where there is one', async () => {
    const token = 'a-token-of-some-length'
    const made = await listening({ token })
    expect(await connect(made.url).refused).toBe(401)
    await connect(made.url, { headers: { authorization: `Bearer ${token}` } }).ofType('hello')
  })
})
