import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, onFreePort, runToEnd, ServerProgram, unprivilegedUser } from '@poolscope/lab'
import { type Connection, createConnection } from 'mysql2/promise'
import { type Certificate, makeCertificate } from './certificate.ts'

const FOLDERS = ['/usr/sbin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']

/** How a private MariaDB is set up. */
export type MariadbOptions = {
  /** Settings as on the command line of mariadbd, without the leading dashes. */
  settings?: Record<string, string>
  /** Opens `extra_port`, for three connections when the others are taken. */
  door?: boolean
  /** Demands TLS of every connection but those of a Unix socket, with a certificate of its own. */
  tls?: boolean
}

/** A real MariaDB with a folder of its own. */
export type RunningMariadb = {
  readonly host: string
  readonly port: number
  readonly socketPath: string
  /** Port of the door; null without one. */
  readonly extraPort: number | null
  /** Path of its certificate, which signed itself; null without `tls`. */
  readonly caPath: string | null
  /** Connects as root, without a password. */
  connect(program: string): Promise<Connection>
  /** Asks over a connection of its own as root. @throws Error of the driver */
  ask(sql: string): Promise<Record<string, unknown>[]>
  /** Stops the server and keeps its data and its port. */
  stopServer(): Promise<void>
  startServer(): Promise<void>
  /** Stops it and removes everything it left. */
  stop(): Promise<void>
}

/**
 * Starts a private MariaDB on a free port of 127.0.0.1, with performance_schema, as an unprivileged user where root
 * is refused. It ends with this process, however that ends.
 * @throws Error saying what is missing, or in the words of the program
 */
export async function startMariadb(options: MariadbOptions = {}): Promise<RunningMariadb> {
  const server = new Server(programOf('mariadbd'), options)
  try {
    await server.install(programOf('mariadb-install-db'))
    await server.startOnFreePort()
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

function programOf(name: string): string {
  const found = FOLDERS.map((folder) => join(folder, name)).find(existsSync)
  if (found !== undefined) return found
  throw new Error(
    'MariaDB is not on this machine. Install it, on Debian with: apt-get install mariadb-server',
  )
}

class Server implements RunningMariadb {
  readonly host = '127.0.0.1'
  port = 0
  extraPort: number | null = null
  readonly caPath: string | null
  readonly #tls: Certificate | null
  readonly #door: boolean
  readonly socketPath: string
  readonly #program: ServerProgram
  readonly #settings: Record<string, string>
  readonly #dir: string
  readonly #runAs = unprivilegedUser()

  constructor(program: string, { settings = {}, door = false, tls = false }: MariadbOptions) {
    this.#door = door
    this.#settings = settings
    this.#dir = mkdtempSync(join(tmpdir(), 'poolscope-mariadb-'))
    this.socketPath = join(this.#dir, 's.sock')
    chmodSync(this.#dir, 0o755)
    if (this.#runAs !== null) chownSync(this.#dir, this.#runAs.uid, this.#runAs.gid)
    this.#tls = tls ? makeCertificate(this.#dir, this.#runAs) : null
    this.caPath = this.#tls?.certPath ?? null
    this.#program = new ServerProgram({
      name: 'MariaDB',
      program,
      args: () => this.#args(),
      user: this.#runAs,
      dir: this.#dir,
      // Asking it instead would be a connection more, for who counts them.
      isReady: (child) => child.lastLines().includes('ready for connections'),
      signals: ['SIGTERM', 'SIGKILL'],
      graceMs: 5000,
    })
  }

  async install(program: string): Promise<void> {
    const args = [
      '--no-defaults',
      `--datadir=${this.#dir}/data`,
      // A server that starts removes the temporary tables of all others that share its folder for them.
      `--tmpdir=${this.#dir}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--innodb-log-file-size=8M',
    ]
    await runToEnd(program, args, this.#runAs, this.#dir)
  }

  connect(program: string): Promise<Connection> {
    return createConnection({
      ...(this.#tls === null ? { host: this.host, port: this.port } : { socketPath: this.socketPath }),
      user: 'root',
      connectTimeout: 3000,
      connectAttributes: { program_name: program },
    })
  }

  async ask(sql: string): Promise<Record<string, unknown>[]> {
    const connection = await this.connect('admin')
    try {
      const [rows] = await connection.query(sql)
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []
    } finally {
      await connection.end()
    }
  }

  startOnFreePort(): Promise<void> {
    return onFreePort(async (port) => {
      this.port = port
      this.extraPort = this.#door ? await freePort() : null
      await this.startServer()
    })
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
    const settings = {
      datadir: `${this.#dir}/data`,
      tmpdir: this.#dir,
      port: String(this.port),
      'bind-address': this.host,
      socket: this.socketPath,
      'pid-file': `${this.#dir}/p.pid`,
      'performance-schema': 'ON',
      'innodb-flush-log-at-trx-commit': '0',
      ...(this.extraPort === null
        ? {}
        : { 'extra-port': String(this.extraPort), 'extra-max-connections': '3' }),
      ...(this.#tls === null
        ? {}
        : { 'ssl-cert': this.#tls.certPath, 'ssl-key': this.#tls.keyPath, 'require-secure-transport': 'ON' }),
      ...this.#settings,
    }
    return [
      '--no-defaults',
      '--skip-name-resolve',
      ...Object.entries(settings).map(([k, v]) => `--${k}=${v}`),
    ]
  }
}
