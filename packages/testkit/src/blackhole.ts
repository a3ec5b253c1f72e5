import { createServer, type Socket } from 'node:net'
import { listenOnLoopback } from './listen.ts'

/** A server that accepts every connection, reads what it is sent and never answers. */
export type Blackhole = {
  host: string
  port: number
  /** Connections accepted so far. */
  readonly accepted: number
  /** Connections open now. */
  readonly connections: number
  stop(): Promise<void>
}

/** Starts a {@link Blackhole} on a free port of the loopback address. */
export async function startBlackhole(): Promise<Blackhole> {
  const sockets = new Set<Socket>()
  let accepted = 0
  const server = createServer((socket) => {
    accepted += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.resume()
  })
  const port = await listenOnLoopback(server, 0)
  return {
    host: '127.0.0.1',
    port,
    get accepted() {
      return accepted
    },
    get connections() {
      return sockets.size
    },
    stop: async () => {
      server.close()
      const closed = [...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
      for (const socket of sockets) socket.destroy()
      await Promise.all(closed)
    },
  }
}
