import { Socket } from 'node:net'
import { Client, type ClientConfig, Query, type QueryResultRow } from 'pg'
import { atMost, within } from './deadline.ts'
import { OWN_NAME } from './source.ts'

const CONNECT_MS = 3000
/** Above the server's own statement time-out of 2 s, so that it only ends what the server cannot. */
const QUERY_MS = 3000
const CLOSE_MS = 1000

/** One held connection. It asks one thing at a time, and everything it does has a deadline. */
export class PostgresqlSession {
  readonly #client: Client
  readonly #socket: Socket
  /** Rejects when the connection ends by itself; never resolves. */
  readonly lost: Promise<never>

  private constructor(config: ClientConfig) {
    // The socket is ours, so that an end does not wait for a peer that is no longer there.
    const socket = new Socket()
    this.#socket = socket
    this.#client = new Client({
      ...config,
      application_name: OWN_NAME,
      keepAlive: true,
      stream: () => socket,
    })
    this.lost = new Promise((_, reject) => {
      this.#client.on('error', reject)
      this.#client.on('end', () => reject(new Error('Connection terminated')))
    })
    this.lost.catch(() => {})
  }

  /**
   * Connects.
   * @throws whatever the driver says; DeadlineError after 3 s
   */
  static async open(config: ClientConfig, signal: AbortSignal): Promise<PostgresqlSession> {
    const session = new PostgresqlSession(config)
    const abort = () => session.destroy()
    signal.addEventListener('abort', abort)
    try {
      signal.throwIfAborted()
      await session.#within(CONNECT_MS, session.#client.connect())
      return session
    } catch (error) {
      session.destroy()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** The process id that the server announced; behind a pooler it is not the one that answers. */
  get announcedPid(): number | null {
    const { processID } = this.#client as Client & { processID?: number | null }
    return processID ?? null
  }

  /** Asks by the simple protocol, which every pooler passes on. @throws as {@link open} */
  async query<Row extends QueryResultRow>(sql: string): Promise<Row[]> {
    const result = await this.#within(QUERY_MS, this.#client.query<Row>(sql))
    return result.rows
  }

  /**
   * Asks as {@link query} does, and says how long the first row was under way: the rest is time of this side, which
   * reads the others. @throws as {@link open}
   */
  async timed<Row extends QueryResultRow>(sql: string): Promise<{ rows: Row[]; firstRowMs: number }> {
    const startMs = performance.now()
    const rows: Row[] = []
    let firstRowMs: number | null = null
    const ended = new Promise<void>((resolve, reject) => {
      const query = this.#client.query(new Query<Row>(sql))
      query.on('row', (row) => {
        firstRowMs ??= performance.now() - startMs
        rows.push(row)
      })
      query.on('end', () => resolve())
      query.on('error', reject)
    })
    await this.#within(QUERY_MS, ended)
    return { rows, firstRowMs: firstRowMs ?? performance.now() - startMs }
  }

  /** Says goodbye to the server, and ends after one second whether it answered or not. */
  async close(): Promise<void> {
    await atMost(CLOSE_MS, this.#client.end())
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
