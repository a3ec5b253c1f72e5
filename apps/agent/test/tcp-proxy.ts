import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Something between a client and a server, as networks and poolers are. */
export type TcpProxy = {
  port: number
  /** From now on nothing passes, and nobody is told. */
  hush(): void
  close(): Promise<void>
}

/** @param change what becomes of the server's bytes */
export async function tcpProxy(target: number, change = (data: Buffer) => data): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let hushed = false
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        if (!hushed) for (const other of [near, far]) other.destroy()
      })
    }
    near.on('data', (data) => hushed || far.write(data))
    far.on('data', (data) => hushed || near.write(change(data)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    hush: () => {
      hushed = true
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
