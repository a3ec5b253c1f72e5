import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from './eventually.ts'
import { listenOnLoopback } from './listen.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

let echo: Server
let proxy: TcpProxy
let clients: Socket[]
beforeEach(async () => {
  clients = []
  echo = createServer((socket) => socket.on('error', () => {}).pipe(socket))
  proxy = await startTcpProxy({ host: '127.0.0.1', port: await listenOnLoopback(echo, 0) })
})
afterEach(async () => {
  for (const client of clients) client.destroy()
  await proxy.stop()
  await new Promise((resolve) => echo.close(resolve))
})

async function client(port = proxy.port) {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  clients.push(socket)
  await once(socket, 'connect')
  let text = ''
  socket.on('data', (data) => {
    text += data
  })
  socket.on('error', () => {})
  return { socket, text: () => text, echoes: (wanted: string) => eventually(() => text === wanted) }
}

/** Closed in whatever way: a reset is as good as an end. */
const closing = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve))

describe(startTcpProxy, () => {
  it('passes bytes both ways and counts its connections', async () => {
    const [one, two] = await Promise.all([client(), client()])
    one.socket.write('a')
    two.socket.write('b')
    await Promise.all([one.echoes('a'), two.echoes('b')])
    expect([proxy.connections, proxy.accepted]).toEqual([2, 2])
    one.socket.end()
    await eventually(() => proxy.connections === 1)
  })

  it('cuts open connections and takes new ones', async () => {
    const one = await client()
    one.socket.write('a')
    await one.echoes('a')
    const closed = closing(one.socket)
    proxy.cut()
    await closed
    const two = await client()
    two.socket.write('b')
    await two.echoes('b')
  })

  it('holds bytes back while paused, on old and new connections, and loses none', async () => {
    const one = await client()
    one.socket.write('a')
    await one.echoes('a')
    proxy.pause()
    const two = await client()
    one.socket.write('b')
    two.socket.write('c')
    await eventually(() => proxy.connections === 2)
    // Time enough for an echo to come back, were it passed on.
    const direct = await client((echo.address() as { port: number }).port)
    direct.socket.write('d')
    await direct.echoes('d')
    expect([one.text(), two.text()]).toEqual(['a', ''])
    proxy.resume()
    await Promise.all([one.echoes('ab'), two.echoes('c')])
  })

  it('refuses new connections and keeps old ones, until it accepts again on its port', async () => {
    const one = await client()
    one.socket.write('a')
    await one.echoes('a')
    await proxy.refuse()
    await expect(client()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    one.socket.write('b')
    await one.echoes('ab')
    await proxy.accept()
    const two = await client()
    two.socket.write('c')
    await two.echoes('c')
  })
})
