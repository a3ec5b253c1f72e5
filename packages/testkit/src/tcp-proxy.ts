import { connect, createServer, type Server, type Socket } from 'node:net'
import { listenOnLoopback } from './listen.ts'

/** What stands between a client and its server, and fails as networks do. */
export type TcpProxy = {
  host: string
  /** Stays the same through `refuse` and `accept`. */
  port: number
  /** Connections open now. */
  readonly connections: number
  /** Connections accepted so far. */
  readonly accepted: number
  /** Breaks every open connection on both sides. New ones are accepted. */
  cut(): void
  /** From now on nothing passes and nobody is told, on new connections too. */
  pause(): void
  /** What was held back passes, and everything after it. */
  resume(): void
  /** Refuses new connections. Open ones stay. */
  refuse(): Promise<void>
  /** Accepts connections again. */
  accept(): Promise<void>
  stop(): Promise<void>
}

/** Starts a proxy on a free port of the loopback address that leads to `target`. */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let paused = false
  let accepted = 0

  const take = (near: Socket) => {
    accepted += 1
    const pair = [near, connect(target)] as const
    pairs.add(pair)
    for (const socket of pair) {
      socket.on('error', () => {})
      socket.on('close', () => {
        pairs.delete(pair)
        for (const other of pair) other.destroy()
      })
    }
    if (!paused) join(pair)
  }
  let server: Server | null = createServer(take)
  const port = await listenOnLoopback(server, 0)

  const cut = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy()
  }
  const refuse = async () => {
    const closing = server
    server = null
    // The port is free at once; the callback would wait for the last connection.
    closing?.close()
  }
  return {
    host: '127.0.0.1',
    port,
    get connections() {
      return pairs.size
    },
    get accepted() {
      return accepted
    },
    cut,
    pause: () => {
      paused = true
      for (const pair of pairs) separate(pair)
    },
    resume: () => {
      paused = false
      for (const pair of pairs) join(pair)
    },
    refuse,
    accept: async () => {
      if (server !== null) return
      server = createServer(take)
      await listenOnLoopback(server, port)
    },
    stop: async () => {
      cut()
      await refuse()
    },
  }
}

function join([near, far]: readonly [Socket, Socket]): void {
  near.pipe(far)
  far.pipe(near)
}

function separate(pair: readonly [Socket, Socket]): void {
  for (const socket of pair) {
    socket.unpipe()
    // Unread bytes, and the end of the stream, wait in the system's buffers.
    socket.pause()
  }
}
