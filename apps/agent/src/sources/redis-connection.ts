import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { AbstractConnector, Redis } from 'ioredis'
import { within } from './deadline.ts'
import { SourceFailure } from './failure.ts'
import type { RedisTarget } from './redis-url.ts'
import { OWN_NAME } from './source.ts'

const CONNECT_MS = 3000
const READ_MS = 3000

/** A command and what follows it. */
export type RedisCommand = readonly [string, ...string[]]

/** What a command was answered: a reply, or the error of the server in its place. */
export type RedisReply = { value: unknown; error: Error | null }

/**
 * One held connection. What is asked in one go is sent in one go, so that the server answers it without
 * anything in between. The driver neither repeats nor reconnects nor introduces itself.
 */
export class RedisConnection {
  readonly #redis: Redis
  readonly #socket: Socket
  /** Rejects when the connection ends by itself; never resolves. */
  readonly lost: Promise<never>
  /** Shortest round trip seen: what the way costs when the server has nothing to do. */
  #idleMs = Number.POSITIVE_INFINITY
  #costMs = 0

  private constructor({ to, tls }: RedisTarget) {
    // The socket is ours, so that an end does not wait for a peer that is no longer there.
    const socket = tls === null ? connect(to) : connectTls({ ...to, ...tls })
    this.#socket = socket
    this.#redis = new Redis({
      Connector: class extends AbstractConnector {
        constructor() {
          super(0)
        }
        override connect() {
          return Promise.resolve(socket)
        }
        override disconnect() {
          socket.destroy()
        }
      },
      ...(tls === null ? {} : { tls }),
      protocol: 2,
      disableClientInfo: true,
      enableReadyCheck: false,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      maxRetriesPerRequest: 0,
      retryStrategy: null,
      lazyConnect: true,
      connectTimeout: 0,
    })
    this.lost = new Promise((_, reject) => {
      socket.on('error', reject)
      this.#redis.on('error', reject)
      this.#redis.on('close', () => reject(new SourceFailure('connection_lost')))
    })
    this.lost.catch(() => {})
  }

  /**
   * Connects and logs in under the name `poolscope`.
   * @param first what else to ask in the same breath
   * @throws whatever the server, the driver or the system says; DeadlineError after 3 s
   */
  static async open(
    target: RedisTarget,
    first: readonly RedisCommand[],
    signal: AbortSignal,
  ): Promise<{ connection: RedisConnection; replies: RedisReply[] }> {
    signal.throwIfAborted()
    const connection = new RedisConnection(target)
    const abort = () => connection.destroy()
    signal.addEventListener('abort', abort)
    try {
      const work = connection.#login(target, first)
      return { connection, replies: await connection.#within(CONNECT_MS, work) }
    } catch (error) {
      connection.destroy()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  async #login({ user, password }: RedisTarget, first: readonly RedisCommand[]): Promise<RedisReply[]> {
    await this.#redis.connect()
    const auth: RedisCommand[] = []
    if (user !== null) auth.push(['AUTH', user, password ?? ''])
    else if (password !== null) auth.push(['AUTH', password])
    const hello: RedisCommand[] = [...auth, ['CLIENT', 'SETNAME', OWN_NAME]]
    const replies = this.#send([...hello, ...first])
    // A full server says so once, in place of the first reply, and hangs up: the others never come.
    const refusal = (await replies[0])?.error
    if (refusal) throw refusal
    return (await Promise.all(replies)).slice(hello.length)
  }

  /** Asks, with an answer for each command in its order. @throws as {@link open}, but for what the server answers */
  async ask(commands: readonly RedisCommand[]): Promise<RedisReply[]> {
    const startMs = performance.now()
    const replies = await this.#within(READ_MS, Promise.all(this.#send(commands)))
    const spentMs = performance.now() - startMs
    this.#idleMs = Math.min(this.#idleMs, spentMs)
    this.#costMs += spentMs - this.#idleMs
    return replies
  }

  /** Time that the server spent since the last call, ms: round trips less what the way alone costs. */
  takeCostMs(): number {
    const costMs = this.#costMs
    this.#costMs = 0
    return costMs
  }

  /** Ends the connection. Redis expects no goodbye. */
  close(): void {
    this.destroy()
  }

  /** Ends at once. */
  destroy(): void {
    this.#redis.disconnect()
    this.#socket.destroy()
  }

  /** Writes all in one go: what a server says that hangs up at once is lost to who still writes to it. */
  #send(commands: readonly RedisCommand[]): Promise<RedisReply>[] {
    this.#socket.cork()
    const replies = commands.map((command) =>
      this.#redis.call(...command).then(
        (value) => ({ value, error: null }),
        (error: Error) => ({ value: null, error }),
      ),
    )
    this.#socket.uncork()
    return replies
  }

  async #within<Result>(deadlineMs: number, work: Promise<Result>): Promise<Result> {
    work.catch(() => {})
    return within(deadlineMs, Promise.race([work, this.lost]), () => this.destroy())
  }
}
