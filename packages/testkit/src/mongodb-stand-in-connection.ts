import type { Socket } from 'node:net'
import type { Document } from 'bson'
import type { ScramServer } from './mongodb-scram.ts'
import { messageReader, type WireMessage, writeMsg, writeReply } from './mongodb-wire.ts'

/** What a connection is told of, and asks. */
type Owner = {
  answer(body: Document): Promise<Document>
  onBytes(received: number, sent: number): void
  onClose(): void
}

/** A command that runs. */
type RunningOp = { opid: number; command: Document; startedAtMs: number }

/** One connection of a stand-in. It runs one command at a time, in the order in which they came. */
export class StandInConnection {
  readonly id: number
  readonly remote: string
  /** What the client says of itself. */
  client: Document = {}
  user: string | null = null
  conversation: ScramServer | null = null
  running: RunningOp | null = null
  /** Open transactions by their session: since when, and when something last ran in it. */
  readonly transactions = new Map<string, { sinceMs: number; lastAtMs: number }>()
  /** It reads and does not answer. */
  muted = false
  /** Resolves when it is closed. */
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #owner: Owner
  #turn: Promise<void> = Promise.resolve()
  #requestId = 0

  constructor(id: number, socket: Socket, owner: Owner) {
    this.id = id
    this.remote = `${socket.remoteAddress}:${socket.remotePort}`
    this.#socket = socket
    this.#owner = owner
    const take = messageReader((message) => {
      this.#turn = this.#turn.then(() => this.#run(message))
    })
    socket.setNoDelay(true)
    socket.on('data', (chunk) => {
      try {
        take(chunk)
      } catch {
        // What is no message of this protocol, a server answers by hanging up.
        socket.destroy()
      }
    })
    socket.on('error', () => {})
    this.closed = new Promise((resolve) =>
      socket.once('close', () => {
        owner.onClose()
        resolve()
      }),
    )
  }

  end(): Promise<void> {
    this.#socket.destroy()
    return this.closed
  }

  async #run({ requestId, kind, body, moreToCome, bytes }: WireMessage): Promise<void> {
    if (this.muted) return
    this.running = { opid: this.id * 1_000_000 + requestId, command: body, startedAtMs: Date.now() }
    const reply = await Promise.race([this.#owner.answer(body), this.closed])
    this.running = null
    if (reply === undefined || moreToCome) return
    const id = ++this.#requestId
    const written = kind === 'query' ? writeReply(id, requestId, reply) : writeMsg(id, requestId, reply)
    this.#owner.onBytes(bytes, written.length)
    this.#socket.write(written)
  }
}
