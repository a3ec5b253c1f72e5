import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onFreePort, ServerProgram, unprivilegedUser } from '@poolscope/lab'
import { Client } from 'pg'
import { requireProgram } from './server-programs.ts'

/** How a private PgBouncer is set up. */
export type PgBouncerOptions = {
  /** Connection strings of the `[databases]` section by the name that clients use. */
  databases: Record<string, string>
  /** Passwords by user. */
  users: Record<string, string>
  /** Users that may read the admin console; each is one of `users`. The first is asked whether it has started. */
  statsUsers: readonly [string, ...string[]]
  /** Further settings of the `[pgbouncer]` section by name. */
  settings?: Record<string, string>
}

/** A real PgBouncer with a folder of its own. */
export type RunningPgBouncer = {
  readonly host: string
  readonly port: number
  /** Folder of its Unix socket. */
  readonly socketDir: string
  /** Connection string for a database, or for the admin console under the name `pgbouncer`. Secret. */
  url(user: string, database: string): string
  /** Asks the admin console over a connection of its own. @throws Error of the driver */
  show(command: string): Promise<Record<string, unknown>[]>
  /** Stops it and keeps its port. */
  stopServer(): Promise<void>
  startServer(): Promise<void>
  /** Stops it and removes everything it left. */
  stop(): Promise<void>
}

/**
 * Starts a private PgBouncer on a free port of 127.0.0.1, as an unprivileged user where root is refused. It
 * ends with this process, however that ends.
 * @throws Error saying what is missing, or in the words of the program
 */
export async function startPgBouncer(options: PgBouncerOptions): Promise<RunningPgBouncer> {
  const program = requireProgram({ program: 'pgbouncer', name: 'PgBouncer', debian: 'pgbouncer' })
  const server = new Server(program, options)
  try {
    await server.startOnFreePort()
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

class Server implements RunningPgBouncer {
  readonly host = '127.0.0.1'
  port = 0
  readonly socketDir: string
  readonly #program: ServerProgram
  readonly #options: PgBouncerOptions
  readonly #runAs = unprivilegedUser()

  constructor(program: string, options: PgBouncerOptions) {
    this.#options = options
    this.socketDir = mkdtempSync(join(tmpdir(), 'poolscope-pgbouncer-'))
    chmodSync(this.socketDir, 0o755)
    if (this.#runAs !== null) chownSync(this.socketDir, this.#runAs.uid, this.#runAs.gid)
    this.#program = new ServerProgram({
      name: 'PgBouncer',
      program,
      args: () => [this.#writeConfig()],
      user: this.#runAs,
      dir: this.socketDir,
      isReady: async () => {
        await this.show('VERSION')
        return true
      },
      // From 1.23 on the first signal waits for clients to leave.
      endings: [
        ['SIGTERM', 1000],
        ['SIGKILL', 1000],
      ],
    })
  }

  url(user: string, database: string): string {
    return `postgresql://${user}:${this.#options.users[user]}@${this.host}:${this.port}/${database}`
  }

  async show(command: string): Promise<Record<string, unknown>[]> {
    const [user] = this.#options.statsUsers
    const client = new Client({
      connectionString: this.url(user, 'pgbouncer'),
      application_name: 'contract',
      connectionTimeoutMillis: 30_000,
    })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query(`SHOW ${command}`)).rows
    } finally {
      await client.end()
    }
  }

  startOnFreePort(): Promise<void> {
    return onFreePort((port) => {
      this.port = port
      return this.startServer()
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
    rmSync(this.socketDir, { recursive: true, force: true })
  }

  /** Writes the settings and the users, both for its user alone. @returns the file that names the rest */
  #writeConfig(): string {
    const { databases, users, statsUsers, settings = {} } = this.#options
    const file = (name: string, lines: string[]) => {
      const path = join(this.socketDir, name)
      writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 })
      if (this.#runAs !== null) chownSync(path, this.#runAs.uid, this.#runAs.gid)
      return path
    }
    const userLines = Object.entries(users).map(([user, password]) => `"${user}" "${password}"`)
    const all: Record<string, string> = {
      listen_addr: this.host,
      listen_port: String(this.port),
      unix_socket_dir: this.socketDir,
      auth_type: 'scram-sha-256',
      auth_file: file('users.txt', userLines),
      stats_users: statsUsers.join(','),
      ...settings,
    }
    const pairs = (of: Record<string, string>) =>
      Object.entries(of).map(([key, value]) => `${key} = ${value}`)
    return file('pgbouncer.ini', ['[databases]', ...pairs(databases), '[pgbouncer]', ...pairs(all)])
  }
}
