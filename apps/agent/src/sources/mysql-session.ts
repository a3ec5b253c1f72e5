import { connect, type Socket } from 'node:net'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2'
import { atMost, within } from './deadline.ts'
import type { MysqlTarget } from './mysql-url.ts'
import { OWN_NAME } from './source.ts'

const CONNECT_MS = 3000
/** Above the server's own time-out of 2 s, so that it only ends what the server cannot. */
const QUERY_MS = 3000
const CLOSE_MS = 1000

/** Opens every statement, so that a server's own tools show whose it is. */
const OURS = '/* poolscope */'

/** One held connection. It asks one thing at a time by the text protocol, and everything it does has a deadline. */
export class MysqlSession {
  readonly #connection: Connection
  readonly #socket: Socket
  /** Rejects when the connection ends by itself; never resolves. */
  readonly lost: Promise<never>
  readonly #connected: Promise<void>
  #costMs = 0
  /** Shortest way there and back: a distant server is not a slow one. */
  #idleTripMs = Number.POSITIVE_INFINITY

  private constructor({ to, tls, user, password }: MysqlTarget) {
    // The socket is ours, so that an end does not wait for a peer that is no longer there.
    const socket = 'path' in to ? connect(to.path) : connect({ ...to, noDelay: true, keepAlive: true })
    this.#socket = socket
    this.#connection = createConnection({
      stream: socket,
      // What TLS and the safe handling of passwords are decided by.
      ...('path' in to ? { socketPath: to.path } : { host: to.host, port: to.port }),
      ...(user === null ? {} : { user }),
      ...(password === null ? {} : { password }),
      ...(tls === null ? {} : { ssl: tls }),
      connectAttributes: { program_name: OWN_NAME },
      // No server is to ask this machine for its files.
      flags: ['-LOCAL_FILES'],
      connectTimeout: CONNECT_MS,
      supportBigNumbers: true,
      decimalNumbers: true,
      dateStrings: true,
      trace: false,
    })
    this.lost = new Promise((_, reject) => {
      this.#connection.on('error', reject)
      this.#connection.on('end', () => reject(connectionLost()))
      socket.on('close', () => reject(connectionLost()))
    })
    this.lost.catch(() => {})
    this.#connected = new Promise((resolve) => this.#connection.once('connect', () => resolve()))
  }

  /**
   * Connects.
   * @throws whatever the driver says; DeadlineError after 3 s
   */
  static async open(target: MysqlTarget, signal: AbortSignal): Promise<MysqlSession> {
    signal.throwIfAborted()
    const session = new MysqlSession(target)
    const abort = () => session.destroy()
    signal.addEventListener('abort', abort)
    try {
      await session.#within(CONNECT_MS, session.#connected)
      return session
    } catch (error) {
      session.destroy()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** The session's number that the server announced; behind a proxy it is not the one that answers. */
  get announcedId(): number {
    return this.#connection.threadId ?? 0
  }

  /**
   * Asks. A column `elapsedUs` is taken out of the rows: what the server had spent when it came to each.
   * @throws as {@link open}
   */
  async query<Row extends object>(sql: string): Promise<Row[]> {
    const startMs = performance.now()
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#connection.query<RowDataPacket[]>(`${OURS} ${sql}`, (error, rows) =>
        error === null ? resolve(rows) : reject(error),
      )
    })
    const rows = await this.#within(QUERY_MS, answer)
    const list = Array.isArray(rows) ? (rows as (Row & { elapsedUs?: number })[]) : []
    const tripMs = performance.now() - startMs
    const elapsedUs = list.at(-1)?.elapsedUs
    // No row tells nothing, and a server may be told that its clock stands still within a statement.
    const toldMs = elapsedUs !== undefined && elapsedUs > 0 ? elapsedUs / 1000 : null
    this.#idleTripMs = Math.min(this.#idleTripMs, tripMs - (toldMs ?? 0))
    this.#costMs += toldMs ?? tripMs - this.#idleTripMs
    return list
  }

  /** Time that the server spent on what was asked since the last call, ms. */
  takeCostMs(): number {
    const costMs = this.#costMs
    this.#costMs = 0
    return costMs
  }

  /** Says goodbye to the server, and ends after one second whether it answered or not. */
  async close(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.#socket.once('close', () => resolve())
      this.#connection.end(() => resolve())
    })
    await atMost(CLOSE_MS, Promise.race([ended, this.lost]))
    this.destroy()
  }

  /** Ends at once. */
  destroy(): void {
    this.#socket.destroy()
  }

  async #within<Result>(deadlineMs: number, work: Promise<Result>): Promise<Result> {
    return within(deadlineMs, Promise.race([work, this.lost]), () => this.destroy())
  }
}

/** What a statement had taken when the server came to a row; the statement's own clock stands still meanwhile. */
export const ELAPSED_SQL = 'TIMESTAMPDIFF(MICROSECOND, NOW(6), SYSDATE(6)) AS elapsedUs'

function connectionLost(): Error {
  return Object.assign(new Error('The connection ended'), { code: 'PROTOCOL_CONNECTION_LOST' })
}
