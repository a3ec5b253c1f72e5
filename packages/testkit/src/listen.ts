import type { AddressInfo, Server } from 'node:net'

/** Listens on the loopback address and answers the port. @throws Error of the system, such as EADDRINUSE */
export async function listenOnLoopback(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
  return (server.address() as AddressInfo).port
}
