import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { tempDir } from '@poolscope/testkit'

const OPENSSL = 'openssl'

/** A server that answers a request when it is told to, by the request's path. */
export class HeldServer {
  readonly #server: Server
  readonly #held = new Map<string, ServerResponse>()
  readonly #arrivals = new Map<string, () => void>()
  connections = 0
  requests = 0

  private constructor(server: Server) {
    this.#server = server
    server.keepAliveTimeout = 60_000
    server.on('connection', (socket) => {
      this.connections++
      socket.on('error', () => {})
    })
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.requests++
      request.resume()
      const path = request.url ?? ''
      if (path.startsWith('/now')) return response.end('done')
      this.#held.set(path, response)
      this.#arrivals.get(path)?.()
    })
  }

  static async start(tls = false): Promise<HeldServer> {
    const server = tls ? createTlsServer(await certificate()) : createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new HeldServer(server as Server)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Waits for a request to this path. */
  arrived(path: string): Promise<void> {
    if (this.#held.has(path)) return Promise.resolve()
    return new Promise((resolve) => this.#arrivals.set(path, resolve))
  }

  answer(path: string): void {
    this.#held.get(path)?.end('done')
  }

  /** Cuts the connection of a request. */
  cut(path: string): void {
    this.#held.get(path)?.destroy()
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** A certificate that signs itself. */
async function certificate(): Promise<{ key: Buffer; cert: Buffer }> {
  const dir = await tempDir()
  const [key, cert] = ['key.pem', 'cert.pem'].map((file) => join(dir.path, file)) as [string, string]
  const subject = ['-subj', '/CN=localhost', '-days', '1']
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  execFileSync(OPENSSL, [...args, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' })
  const pair = { key: readFileSync(key), cert: readFileSync(cert) }
  await dir.stop()
  return pair
}
