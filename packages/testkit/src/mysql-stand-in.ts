import { createServer, type Server } from 'node:net'
import { listenOnLoopback } from './listen.ts'
import { startMariadb } from './mariadb.ts'
import type { MysqlOptions, RunningMysql } from './mysql-program.ts'
import { Sha2Passwords } from './mysql-sha2.ts'
import { type StandInHost, StandInSession } from './mysql-stand-in-session.ts'
import { homeSql } from './mysql-stand-in-sql.ts'
import type { MysqlVersion } from './mysqld.ts'

/** What a stand-in calls itself. */
const VERSION = '9.7.4'

/** The {@link MysqlStandIn} on a free port of the loopback address. It has no TLS. */
export const mysqlStandIn: MysqlVersion<MysqlStandIn> = { label: 'MySQL stand-in', version: VERSION, start }

async function start(options: MysqlOptions = {}): Promise<MysqlStandIn> {
  // A MySQL keeps the last statement of a session by itself.
  const settings = { 'performance-schema-consumer-events-statements-current': 'ON', ...options.settings }
  const mariadb = await startMariadb({ ...options, settings })
  const standIn = new MysqlStandIn(mariadb)
  try {
    await standIn.prepare()
    return standIn
  } catch (error) {
    await standIn.stop()
    throw error
  }
}

/**
 * NOT a MySQL: a stand-in for machines on which no `mysqld` can be had. A real MariaDB does the work, with real sessions,
 * transactions, locks and limits; in front of it a relay speaks the wire protocol as a MySQL 9.7 does where the two differ:
 * its version, `caching_sha2_password`, the names of tables, settings and counters, the numbers of errors, and the door
 * for administrators. What else MySQL does otherwise, such as its optimizer or its rights, it does as a MariaDB.
 */
export class MysqlStandIn implements StandInHost {
  readonly host = '127.0.0.1'
  readonly version = VERSION
  readonly passwords = new Sha2Passwords()
  port = 0
  /** Port of the door for administrators; null without one. */
  doorPort: number | null = null
  refused = 0
  readonly #mariadb: RunningMysql
  readonly #sessions = new Set<StandInSession>()
  #servers: Server[] = []

  constructor(mariadb: RunningMysql) {
    this.#mariadb = mariadb
  }

  /** Listens, and makes the tables of MySQL. */
  async prepare(): Promise<void> {
    await this.#listen()
    for (const sql of homeSql({ port: this.port, adminPort: this.doorPort })) await this.#mariadb.ask(sql)
  }

  /** Asks the MariaDB behind it as root, over a connection of its own and in its own words. */
  ask(sql: string): Promise<Record<string, unknown>[]> {
    return this.#mariadb.ask(sql)
  }

  /** Breaks every connection, refuses new ones and ends the MariaDB behind it. */
  async stopServer(): Promise<void> {
    for (const server of this.#servers) server.close()
    this.#servers = []
    for (const session of this.#sessions) session.end()
    await this.#mariadb.stopServer()
  }

  async startServer(): Promise<void> {
    await this.#mariadb.startServer()
    await this.#listen()
  }

  async stop(): Promise<void> {
    await this.stopServer()
    await this.#mariadb.stop()
  }

  async #listen(): Promise<void> {
    const { port, doorPort } = this.#mariadb
    this.port = await this.#serve(this.port, port, false)
    if (doorPort !== null) this.doorPort = await this.#serve(this.doorPort ?? 0, doorPort, true)
  }

  async #serve(port: number, backendPort: number, admin: boolean): Promise<number> {
    const server = createServer((socket) => {
      const session = new StandInSession(this, socket, backendPort, admin, () =>
        this.#sessions.delete(session),
      )
      this.#sessions.add(session)
    })
    this.#servers.push(server)
    return listenOnLoopback(server, port)
  }
}
