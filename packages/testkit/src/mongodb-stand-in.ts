import { createServer, type Server, type Socket } from 'node:net'
import type { Document } from 'bson'
import { listenOnLoopback } from './listen.ts'
import { type ScramUser, scramUser } from './mongodb-scram.ts'
import { answer } from './mongodb-stand-in-commands.ts'
import { StandInConnection } from './mongodb-stand-in-connection.ts'

/** Rights of a user of a {@link MongoStandIn}, by the names of MongoDB's privilege actions. */
export type MongoRight = 'serverStatus' | 'inprog' | 'replSetGetStatus'

/** What to start. */
export type MongoStandInOptions = {
  /** Most connections at a time; 100 unless given. */
  maxConnections?: number
  /** Users and what they may read; anybody may do anything where it is left out. */
  users?: Record<string, { password: string; rights: readonly MongoRight[] }>
  /** The port of an earlier one; any free one unless given. */
  port?: number
}

/** The set that a stand-in says it is a member of. The first address is the primary's. */
export type StandInReplicaSet = { name: string; hosts: readonly string[] }

/** A find that waits until it is told to go on. */
export type MongoGate = {
  /** Give it to the find as its `comment`. */
  readonly comment: string
  /** The server's id of the connection that the find waits on; null before it came. */
  readonly connectionId: number | null
  open(): void
}

/** Starts a {@link MongoStandIn} on a free port of the loopback address. */
export async function startMongoStandIn(options: MongoStandInOptions = {}): Promise<MongoStandIn> {
  const standIn = new MongoStandIn(options)
  await standIn.startServer()
  return standIn
}

/**
 * NOT a MongoDB: a stand-in that speaks its wire protocol, for machines on which no `mongod` can be had. Real drivers
 * log in to it by SCRAM-SHA-256, pool their connections and run commands. What it says of its connections it counts on
 * its own sockets; it stores nothing, and finds find nothing.
 */
export class MongoStandIn {
  readonly host = '127.0.0.1'
  readonly maxConnections: number
  readonly users: ReadonlyMap<string, ScramUser>
  readonly rights: ReadonlyMap<string, readonly MongoRight[]>
  readonly connections = new Map<number, StandInConnection>()
  readonly gates = new Map<string, { connectionId: number | null; opened: Promise<void>; open(): void }>()
  /** Counters since it was made, by the names that `serverStatus` has for them. */
  readonly counters = {
    totalCreated: 0,
    rejected: 0,
    bytesIn: 0,
    bytesOut: 0,
    numRequests: 0,
    insert: 0,
    query: 0,
    update: 0,
    delete: 0,
    getmore: 0,
    command: 0,
  }
  readonly startedAtMs = Date.now()
  replicaSet: StandInReplicaSet | null = null
  /** Commands that were run, newest last, at most 1,000. */
  readonly log: { connectionId: number; command: Document }[] = []
  /** What a command of this name fails with, until it is taken out. */
  readonly failures = new Map<string, { code: number; codeName: string }>()
  /** Connections that come while this is true are accepted and not answered. */
  mute = false
  #server: Server | null = null
  #port: number
  #lastId = 0

  constructor({ maxConnections = 100, users, port = 0 }: MongoStandInOptions) {
    this.maxConnections = maxConnections
    this.#port = port
    const all = Object.entries(users ?? {})
    this.users = new Map(all.map(([name, { password }]) => [name, scramUser(password)]))
    this.rights = new Map(all.map(([name, { rights }]) => [name, rights]))
  }

  get port(): number {
    return this.#port
  }

  /** Its address as members of a set write it. */
  get address(): string {
    return `${this.host}:${this.#port}`
  }

  /** Listens, on the same port as before. */
  async startServer(): Promise<void> {
    if (this.#server !== null) return
    const server = createServer((socket) => this.#take(socket))
    this.#server = server
    this.#port = await listenOnLoopback(server, this.#port)
  }

  /** Breaks every connection and refuses new ones. */
  async stopServer(): Promise<void> {
    this.#server?.close()
    this.#server = null
    const closed = [...this.connections.values()].map((connection) => connection.end())
    await Promise.all(closed)
  }

  stop(): Promise<void> {
    return this.stopServer()
  }

  /** A new {@link MongoGate}, which is shut. */
  gate(): MongoGate {
    const comment = `gate-${this.gates.size + 1}`
    let open = () => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    const gate = { connectionId: null, opened, open }
    this.gates.set(comment, gate)
    return {
      comment,
      get connectionId() {
        return gate.connectionId
      },
      open,
    }
  }

  #take(socket: Socket): void {
    if (this.connections.size >= this.maxConnections) {
      this.counters.rejected += 1
      socket.on('error', () => {})
      socket.destroy()
      return
    }
    this.counters.totalCreated += 1
    const connection = new StandInConnection(++this.#lastId, socket, {
      answer: (body) => this.#answer(connection, body),
      onBytes: (received, sent) => {
        this.counters.bytesIn += received
        this.counters.bytesOut += sent
      },
      onClose: () => this.connections.delete(connection.id),
    })
    connection.muted = this.mute
    this.connections.set(connection.id, connection)
  }

  #answer(connection: StandInConnection, body: Document): Promise<Document> {
    this.counters.numRequests += 1
    this.log.push({ connectionId: connection.id, command: body })
    if (this.log.length > 1000) this.log.shift()
    return answer(this, connection, body)
  }
}
