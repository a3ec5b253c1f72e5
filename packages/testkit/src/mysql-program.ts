import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, onFreePort, runToEnd, ServerProgram, unprivilegedUser } from '@poolscope/lab'
import { type Connection, createConnection } from 'mysql2/promise'
import { type Certificate, makeCertificate } from './certificate.ts'

/** How a private MySQL or MariaDB is set up. */
export type MysqlOptions = {
  /** Settings as on the command line of the program, without the leading dashes. */
  settings?: Record<string, string>
  /** Opens a door for when every place is taken: `admin_port` of MySQL, `extra_port` of MariaDB. */
  door?: boolean
  /** Demands TLS of every connection but those of a Unix socket, with a certificate of its own. */
  tls?: boolean
}

/** A real MySQL or MariaDB with a folder of its own. */
export type RunningMysql = {
  readonly host: string
  readonly port: number
  readonly socketPath: string
  /** Port of the door that stays open when every place is taken; null without one. */
  readonly doorPort: number | null
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

/** What differs between MySQL and MariaDB as a program. */
export type MysqlProgramKind = {
  name: string
  program: string
  /** What it prints once it serves. */
  ready: RegExp
  /** What makes its data directory. */
  install: { program: string; args: readonly string[] }
  /** Settings that it always has. */
  settings: Record<string, string>
  /** Settings of its door. */
  doorSettings(port: number): Record<string, string>
}

/** A server on a free port of 127.0.0.1, as an unprivileged user where root is refused. It ends with this process. */
export class MysqlProgram implements RunningMysql {
  readonly host = '127.0.0.1'
  port = 0
  doorPort: number | null = null
  readonly socketPath: string
  readonly #program: ServerProgram
  readonly #kind: MysqlProgramKind
  readonly caPath: string | null
  readonly #settings: Record<string, string>
  readonly #tls: Certificate | null
  readonly #dir: string
  readonly #runAs = unprivilegedUser()

  private constructor(kind: MysqlProgramKind, { settings = {}, tls = false }: MysqlOptions) {
    this.#kind = kind
    this.#settings = settings
    this.#dir = mkdtempSync(join(tmpdir(), 'poolscope-mysql-'))
    this.socketPath = join(this.#dir, 's.sock')
    chmodSync(this.#dir, 0o755)
    if (this.#runAs !== null) chownSync(this.#dir, this.#runAs.uid, this.#runAs.gid)
    this.#tls = tls ? makeCertificate(this.#dir, this.#runAs) : null
    this.caPath = this.#tls?.certPath ?? null
    this.#program = new ServerProgram({
      name: kind.name,
      program: kind.program,
      args: () => this.#args(),
      user: this.#runAs,
      dir: this.#dir,
      // Asking it instead would be a connection more, for who counts them.
      isReady: (child) => kind.ready.test(child.lastLines()),
      endings: [
        ['SIGTERM', 5000],
        ['SIGKILL', 5000],
      ],
    })
  }

  /** Makes its data directory and starts it. @throws Error in the words of the program */
  static async start(kind: MysqlProgramKind, options: MysqlOptions): Promise<MysqlProgram> {
    const server = new MysqlProgram(kind, options)
    try {
      const { program, args } = kind.install
      // A server that starts removes the temporary tables of all others that share its folder for them.
      const own = ['--no-defaults', `--datadir=${server.#dir}/data`, `--tmpdir=${server.#dir}`]
      await runToEnd(program, [...own, ...args], server.#runAs, server.#dir)
      await onFreePort(async (port) => {
        server.port = port
        server.doorPort = options.door === true ? await freePort() : null
        await server.startServer()
      })
      return server
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  connect(program: string): Promise<Connection> {
    return createConnection({
      ...(this.#tls === null ? { host: this.host, port: this.port } : { socketPath: this.socketPath }),
      user: 'root',
      connectTimeout: 30_000,
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
      ...this.#kind.settings,
      ...(this.doorPort === null ? {} : this.#kind.doorSettings(this.doorPort)),
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
