import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, onFreePort, ServerProgram, unprivilegedUser } from '@poolscope/lab'
import { Redis } from 'ioredis'
import { makeCertificate } from './certificate.ts'
import { requireProgram } from './server-programs.ts'

/** The bus port of a cluster is the port and this. */
const BUS_OFFSET = 10_000
const HIGHEST_PORT = 65_535

/** How a private Redis is set up. */
export type RedisTestOptions = {
  /** Settings as on the command line of redis-server, without the leading dashes. */
  settings?: Record<string, string>
  /** Rules of users, the name first. */
  users?: readonly (readonly string[])[]
  /** Listens with TLS alone, with a certificate of its own for 127.0.0.1 and localhost. */
  tls?: boolean
}

/** A real Redis with a folder of its own. */
export type RunningRedis = {
  readonly host: string
  readonly port: number
  /** Path of its Unix socket. */
  readonly socketPath: string
  /** Path of its certificate, which signed itself; there with `tls` alone. */
  readonly caPath: string
  /** Asks over a connection of its own, as the default user. @throws Error of the driver */
  ask(command: string, ...args: string[]): Promise<unknown>
  /** Stops it and keeps its port. */
  stopServer(): Promise<void>
  startServer(): Promise<void>
  /** Stops it and removes everything it left. */
  stop(): Promise<void>
}

/**
 * Starts a private Redis on a free port of 127.0.0.1, which keeps nothing on disk unless it is told to. It ends with
 * this process, however that ends.
 * @throws Error saying what is missing, or in the words of the program
 */
export async function startRedis(options: RedisTestOptions = {}): Promise<RunningRedis> {
  const program = requireProgram({ program: 'redis-server', name: 'Redis', debian: 'redis-server' })
  const server = new Server(program, options)
  try {
    await server.startOnFreePort()
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

class Server implements RunningRedis {
  readonly host = '127.0.0.1'
  port = 0
  readonly socketPath: string
  readonly caPath: string
  readonly #program: ServerProgram
  readonly #settings: Record<string, string>
  readonly #users: readonly (readonly string[])[]
  readonly #tls: boolean
  readonly #dir: string
  readonly #runAs = unprivilegedUser()

  constructor(program: string, { settings = {}, users = [], tls = false }: RedisTestOptions) {
    this.#settings = settings
    this.#users = users
    this.#tls = tls
    this.#dir = mkdtempSync(join(tmpdir(), 'poolscope-redis-'))
    chmodSync(this.#dir, 0o755)
    this.socketPath = join(this.#dir, 'redis.sock')
    this.caPath = join(this.#dir, 'cert.pem')
    if (this.#runAs !== null) chownSync(this.#dir, this.#runAs.uid, this.#runAs.gid)
    this.#program = new ServerProgram({
      name: 'Redis',
      program,
      args: () => this.#args(),
      user: this.#runAs,
      dir: this.#dir,
      isReady: async () => {
        await this.ask('PING')
        return true
      },
      endings: [
        ['SIGTERM', 3000],
        ['SIGKILL', 3000],
      ],
    })
  }

  async ask(command: string, ...args: string[]): Promise<unknown> {
    const { requirepass } = this.#settings
    const redis = new Redis({
      ...(this.#tls ? { path: this.socketPath } : { host: this.host, port: this.port }),
      ...(requirepass === undefined ? {} : { password: requirepass }),
      protocol: 2,
      disableClientInfo: true,
      enableReadyCheck: false,
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      connectTimeout: 30_000,
      connectionName: 'contract',
    })
    redis.on('error', () => {})
    try {
      await redis.connect()
      return await redis.call(command, ...args)
    } finally {
      // So that the server has let go of it before anybody counts.
      await redis.quit().catch(() => {})
      redis.disconnect()
    }
  }

  async startOnFreePort(): Promise<void> {
    if (this.#tls) makeCertificate(this.#dir, this.#runAs)
    const isCluster = this.#settings['cluster-enabled'] === 'yes'
    // It prints its errors where nobody reads them, so that whatever went wrong is tried again.
    await onFreePort(
      async (port) => {
        this.port = port
        while (isCluster && this.port + BUS_OFFSET > HIGHEST_PORT) this.port = await freePort()
        await this.startServer()
      },
      () => true,
    )
  }

  startServer(): Promise<void> {
    return this.#program.start()
  }

  stopServer(): Promise<void> {
    return this.#program.stop()
  }

  async stop(): Promise<void> {
    await this.stopServer()
    rmSync(this.#dir, { recursive: true, force: true })
  }

  #args(): string[] {
    const port = String(this.port)
    const listen: Record<string, string> = this.#tls
      ? {
          port: '0',
          'tls-port': port,
          'tls-cert-file': this.caPath,
          'tls-key-file': join(this.#dir, 'key.pem'),
          'tls-ca-cert-file': this.caPath,
          'tls-auth-clients': 'no',
        }
      : { port }
    const all = {
      ...listen,
      bind: this.host,
      unixsocket: this.socketPath,
      unixsocketperm: '777',
      dir: this.#dir,
      save: '',
      appendonly: 'no',
      ...this.#settings,
    }
    const users = this.#users.flatMap((rules) => ['--user', ...rules])
    return [...Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]), ...users]
  }
}
