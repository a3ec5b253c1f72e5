import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { runToEnd } from './child.ts'
import {
  binariesIn,
  type PostgresBinaries,
  packagedBinaries,
  reachableBinaries,
} from './postgres-binaries.ts'
import { type RunAs, unprivilegedUser } from './run-as.ts'
import { onFreePort, ServerProgram } from './server-program.ts'

/** What to start; every field has a default. */
export type PostgresOptions = {
  /** Programs of another version; the packaged PostgreSQL 18 unless given. */
  binaries?: PostgresBinaries
  /** Folder with `initdb` and `postgres`, instead of `binaries`. */
  binDir?: string
  /** `max_connections`; 100 unless given. */
  maxConnections?: number
  /** `reserved_connections`, PostgreSQL 16 and later; left alone unless given. */
  reservedConnections?: number
  /** Further settings by name. */
  settings?: Record<string, string>
  /** Told what is being done. */
  onProgress?: (text: string) => void
}

/** A real PostgreSQL server with a data directory of its own. */
export type RunningPostgres = {
  /** Connection string of the superuser for the database `postgres`. Secret. */
  readonly url: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly dataDir: string
  /** Process id of the server, null while it is stopped. */
  readonly pid: number | null
  /** Stops the server and keeps its data and its port. */
  stopServer(): Promise<void>
  /** Starts it again on the same data and port. */
  startServer(): Promise<void>
  /** Stops it and removes everything it left. */
  stop(): Promise<void>
}

/**
 * Starts a private PostgreSQL on a free port of 127.0.0.1, with a random password and
 * `pg_stat_statements`. Its data lives in a temporary folder and is not synced to disk. It ends with
 * this process, however that ends.
 * @throws Error with the server's own words when it cannot start
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<RunningPostgres> {
  const progress = options.onProgress ?? (() => {})
  const user = unprivilegedUser()
  const dir = scratchDir(user)
  try {
    const named = options.binDir === undefined ? options.binaries : binariesIn(options.binDir)
    const binaries = reachableBinaries(named ?? (await packagedBinaries()), user, dir)
    const password = randomBytes(18).toString('base64url')
    const dataDir = join(dir, 'data')
    progress('Preparing a PostgreSQL data directory')
    await initialize(binaries, dataDir, dir, password, user)
    progress('Starting PostgreSQL')
    const server = new Server(binaries, dataDir, dir, user, options, password)
    await server.startOnFreePort()
    await server.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements')
    return server
  } catch (error) {
    rmSync(dir, { recursive: true, force: true })
    throw error
  }
}

class Server implements RunningPostgres {
  readonly host = '127.0.0.1'
  readonly user = 'postgres'
  port = 0
  readonly password: string
  readonly dataDir: string
  readonly #dir: string
  readonly #options: PostgresOptions
  readonly #program: ServerProgram

  constructor(
    binaries: PostgresBinaries,
    dataDir: string,
    dir: string,
    user: RunAs | null,
    options: PostgresOptions,
    password: string,
  ) {
    this.dataDir = dataDir
    this.#dir = dir
    this.#options = options
    this.password = password
    this.#program = new ServerProgram({
      name: 'PostgreSQL',
      program: binaries.postgres,
      args: () => this.#arguments(),
      user,
      dir,
      isReady: async () => {
        await this.query('SELECT 1')
        return true
      },
      // Fast shutdown, immediate shutdown, and the system's.
      endings: [
        ['SIGINT', 5000],
        ['SIGQUIT', 5000],
        ['SIGKILL', 5000],
      ],
    })
  }

  get url(): string {
    return `postgresql://${this.user}:${this.password}@${this.host}:${this.port}/postgres`
  }

  get pid(): number | null {
    return this.#program.pid
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

  /** Clients that are just saying goodbye are waited for: a fast shutdown gives them an error that nobody expects. */
  async stop(): Promise<void> {
    await this.#program.stop(['SIGTERM', 500])
    rmSync(this.#dir, { recursive: true, force: true })
  }

  /** Runs one statement as the superuser. */
  async query(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.url, connectionTimeoutMillis: 30_000 })
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query(sql)
    } finally {
      await client.end().catch(() => {})
    }
  }

  #arguments(): string[] {
    const { maxConnections = 100, reservedConnections, settings = {} } = this.#options
    const all: Record<string, string> = {
      listen_addresses: this.host,
      port: String(this.port),
      unix_socket_directories: '',
      max_connections: String(maxConnections),
      fsync: 'off',
      shared_preload_libraries: 'pg_stat_statements',
      ...(reservedConnections === undefined ? {} : { reserved_connections: String(reservedConnections) }),
      ...settings,
    }
    return ['-D', this.dataDir, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  }
}

/** A folder that the user may enter, whatever the umask says. */
function scratchDir(user: RunAs | null): string {
  const dir = mkdtempSync(join(tmpdir(), 'poolscope-pg-'))
  chmodSync(dir, 0o755)
  if (user !== null) chownSync(dir, user.uid, user.gid)
  return dir
}

async function initialize(
  binaries: PostgresBinaries,
  dataDir: string,
  dir: string,
  password: string,
  user: RunAs | null,
): Promise<void> {
  const passwordFile = join(dir, 'password')
  mkdirSync(dataDir, { mode: 0o700 })
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (user !== null) for (const path of [dataDir, passwordFile]) chownSync(path, user.uid, user.gid)
  const login = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
  const plain = ['--encoding=UTF8', '--locale=C', '--no-sync']
  await runToEnd(binaries.initdb, ['-D', dataDir, ...login, ...plain], user, dir)
  rmSync(passwordFile)
}
