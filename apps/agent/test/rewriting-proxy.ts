import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A proxy that speaks for the server, as poolers do. */
export type RewritingProxy = {
  port: number
  close(): Promise<void>
}

/** @param change what becomes of the server's bytes */
export async function rewritingProxy(
  target: number,
  change: (data: Buffer) => Buffer,
): Promise<RewritingProxy> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        for (const other of [near, far]) other.destroy()
      })
    }
    near.on('data', (data) => far.write(data))
    far.on('data', (data) => near.write(change(data)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
