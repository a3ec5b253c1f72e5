import { EventEmitter } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import { type Document, MongoClient } from 'mongodb'
import { within } from './deadline.ts'
import { SourceFailure } from './failure.ts'
import { HungUpError } from './mongodb-errors.ts'
import type { MongodbTarget } from './mongodb-url.ts'
import { OWN_NAME } from './source.ts'

const CONNECT_MS = 3000
const READ_MS = 3000
/** The server ends a command after this long by itself. */
const SERVER_LIMIT_MS = 1000

/** One connection of the driver, below its pool. */
type Wire = EventEmitter & {
  readonly hello: Document | null
  readonly error: Error | null
  command(ns: { db: string }, command: Document, options: object): Promise<Document>
  destroy(): void
}

/** What the driver's connection is made from: what it read from a URL, and what its client would add. */
type WireOptions = Record<string, unknown>

/**
 * The parts of the driver that make one connection. A `MongoClient` opens another one beside its pool to monitor the
 * server, and this agent is to cost a server one place. They are no public interface: the driver's version is pinned,
 * and the contract of sources is run against it.
 */
const load = createRequire(import.meta.url)
const { makeSocket, makeConnection, performInitialHandshake } = load('mongodb/lib/cmap/connect.js') as {
  makeSocket(options: WireOptions): Promise<Socket>
  makeConnection(options: WireOptions, socket: Socket): Wire
  performInitialHandshake(wire: Wire, options: WireOptions): Promise<void>
}
const { resolveSRVRecord } = load('mongodb/lib/connection_string.js') as {
  resolveSRVRecord(options: WireOptions): Promise<{ toString(): string }[]>
}

/** One held connection to one server. It asks one thing at a time, and repeats nothing. */
export class MongodbConnection {
  readonly #wire: Wire
  /** Rejects when the connection ends by itself; never resolves. */
  readonly lost: Promise<never>
  /** Shortest round trip seen: what the way costs when the server has nothing to do. */
  #idleMs = Number.POSITIVE_INFINITY
  #costMs = 0

  private constructor(wire: Wire) {
    this.#wire = wire
    this.lost = new Promise((_, reject) =>
      wire.once('close', () => reject(wire.error ?? new SourceFailure('connection_lost'))),
    )
    this.lost.catch(() => {})
  }

  /**
   * Connects and logs in under the name `poolscope`.
   * @param turn which of the members that DNS names is asked; counts up where one could not be reached
   * @throws whatever the server, the driver or the system says; DeadlineError after 3 s
   */
  static async open(target: MongodbTarget, turn: number, signal: AbortSignal): Promise<MongodbConnection> {
    signal.throwIfAborted()
    const attempt = new Attempt()
    const abort = () => attempt.end()
    signal.addEventListener('abort', abort)
    try {
      const work = attempt.run(target, turn)
      work.catch(() => {})
      return new MongodbConnection(await within(CONNECT_MS, work, abort))
    } catch (error) {
      attempt.end()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** What the server said of itself when it was greeted. */
  get hello(): Document {
    return this.#wire.hello ?? {}
  }

  /** Runs a command of the `admin` database. @throws as {@link open} */
  async ask(command: Document): Promise<Document> {
    const startMs = performance.now()
    const options = { directConnection: true, socketTimeoutMS: 0 }
    const work = this.#wire.command({ db: 'admin' }, { ...command, maxTimeMS: SERVER_LIMIT_MS }, options)
    work.catch(() => {})
    const reply = await within(READ_MS, Promise.race([work, this.lost]), () => this.close())
    const spentMs = performance.now() - startMs
    this.#idleMs = Math.min(this.#idleMs, spentMs)
    this.#costMs += spentMs - this.#idleMs
    return reply
  }

  /** Time that the server spent since the last call, ms: round trips less what the way alone costs. */
  takeCostMs(): number {
    const costMs = this.#costMs
    this.#costMs = 0
    return costMs
  }

  /** Ends at once. MongoDB expects no goodbye. */
  close(): void {
    this.#wire.destroy()
  }
}

/** One attempt to connect, which can be ended at any moment and leaves nothing open then. */
class Attempt {
  readonly #cancellation = new EventEmitter()
  #wire: Wire | null = null
  #ended = false

  end(): void {
    this.#ended = true
    this.#cancellation.emit('cancel')
    this.#wire?.destroy()
  }

  async run(target: MongodbTarget, turn: number): Promise<Wire> {
    const options = await this.#options(target, turn)
    const socket = await makeSocket(options)
    if (this.#ended) {
      socket.destroy()
      throw new SourceFailure('timeout')
    }
    const wire = makeConnection(options, socket)
    this.#wire = wire
    try {
      await performInitialHandshake(wire, options)
    } catch (error) {
      const hungUp = wire.hello === null && isPlainClose(error)
      throw hungUp ? new HungUpError('closed before it answered', { cause: error }) : error
    }
    return wire
  }

  async #options({ url, srv }: MongodbTarget, turn: number): Promise<WireOptions> {
    const client = new MongoClient(url, {
      appName: OWN_NAME,
      maxPoolSize: 1,
      serverSelectionTimeoutMS: CONNECT_MS,
      connectTimeoutMS: CONNECT_MS,
      retryReads: false,
      retryWrites: false,
    })
    const read = client.options as unknown as WireOptions
    const options: WireOptions = { ...read, ...(await certificatesOf(read)) }
    // DNS also says where users are kept.
    const found = srv ? await resolveSRVRecord(options) : (read.hosts as { toString(): string }[])
    const hosts = found.toSorted((a, b) => (String(a) < String(b) ? -1 : 1))
    return {
      ...options,
      hostAddress: hosts[turn % hosts.length],
      authProviders: (client as unknown as { s: { authProviders: unknown } }).s.authProviders,
      cancellationToken: this.#cancellation,
      compressors: ['none'],
      loadBalanced: false,
      monitorCommands: false,
      id: 1,
      generation: 0,
    }
  }
}

/** Files that a URL names. A client of the driver reads them when it connects. */
async function certificatesOf(options: WireOptions): Promise<WireOptions> {
  const { tls, tlsCAFile, tlsCRLFile, tlsCertificateKeyFile } = options
  const read = (path: unknown) => (tls === true && typeof path === 'string' ? readFile(path) : undefined)
  try {
    const [ca, crl, key] = await Promise.all([tlsCAFile, tlsCRLFile, tlsCertificateKeyFile].map(read))
    return {
      ...(ca === undefined ? {} : { ca }),
      ...(crl === undefined ? {} : { crl }),
      ...(key === undefined ? {} : { key, cert: key }),
    }
  } catch (error) {
    throw new SourceFailure('tls_failed', error)
  }
}

/** An end of the connection for which the system had no reason to tell. */
function isPlainClose(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== 'MongoNetworkError') return false
  const { cause } = error
  return cause === undefined || (cause instanceof Error && 'code' in cause && cause.code === 'ECONNRESET')
}
