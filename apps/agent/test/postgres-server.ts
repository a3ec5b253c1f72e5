import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunningPostgres } from '@poolscope/lab'
import type { PostgresVersion } from '@poolscope/testkit'
import pg from 'pg'

/** A server that writes down every statement, with ways to reach it as different roles. */
export class PostgresServer {
  readonly running: RunningPostgres

  constructor(running: RunningPostgres) {
    this.running = running
  }

  static async start(version: PostgresVersion): Promise<PostgresServer> {
    const settings = {
      logging_collector: 'on',
      log_directory: 'log',
      log_filename: 'server.log',
      log_statement: 'all',
      log_line_prefix: '<%a> ',
      unix_socket_directories: '/tmp',
    }
    return new PostgresServer(await version.start({ maxConnections: 20, settings }))
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
