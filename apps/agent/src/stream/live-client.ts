import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'

/**
 * Ticks that may be under way to a client that keeps up before it must answer. Asking more often costs more: on
 * every second tick it took half as much again as sending 500 clients the ticks.
 */
const WINDOW = 10
/** A client that confirms nothing for this long is ended. */
const SILENT_MS = 30_000
/** More unsent bytes than this end a client at once. */
const MAX_BUFFERED_BYTES = 8 << 20

const AS_TEXT = { binary: false }

/** What came of offering a tick to a client. */
export type Offer = 'sent' | 'skipped' | 'ended'

/**
 * One live socket with its topics and its flow control.
 *
 * The kernel swallows megabytes before `bufferedAmount` moves, so what a client has really read
 * is asked with a WebSocket ping behind a tick: each conforming client answers it without code of
 * its own, and only once it has read all before it. A new client and one that fell behind are asked
 * on every tick, one that keeps up on every tenth. Until it answers it gets nothing more; a client
 * that wakes up gets the newest state, never a queue.
 */
export class LiveClient {
  topics: readonly string[] = ['fleet']
  /** The catalogue that the client has, by topic. */
  readonly epochs = new Map<string, number>()
  readonly #socket: WebSocket
  readonly #raw: Socket
  #window = 1
  #behind = false
  #unconfirmed = 0
  #askedAtMs: number | null = null

  /**
   * @param socket the accepted WebSocket
   * @param raw the TCP socket under it, corked so that a tick is one write
   */
  constructor(socket: WebSocket, raw: Socket) {
    this.#socket = socket
    this.#raw = raw
    socket.on('pong', () => {
      this.#window = this.#behind ? 1 : WINDOW
      this.#behind = false
      this.#unconfirmed = 0
      this.#askedAtMs = null
    })
  }

  /** Sends messages outside the tick, such as the first one. */
  send(...messages: readonly Buffer[]): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    for (const message of messages) this.#socket.send(message, AS_TEXT)
  }

  /** Sends a tick's frames unless the client still has to answer for earlier ones. */
  offer(frames: () => readonly Buffer[], nowMs: number): Offer {
    const socket = this.#socket
    if (socket.readyState !== socket.OPEN) return 'skipped'
    const silent = this.#askedAtMs !== null && nowMs - this.#askedAtMs > SILENT_MS
    if (silent || socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      socket.terminate()
      return 'ended'
    }
    if (this.#unconfirmed >= this.#window) {
      this.#behind = true
      return 'skipped'
    }
    this.#unconfirmed += 1
    const ask = this.#unconfirmed >= this.#window
    // The question and the tick are one write.
    if (ask) this.#raw.cork()
    for (const frame of frames()) socket.send(frame, AS_TEXT)
    if (ask) {
      this.#askedAtMs = nowMs
      socket.ping()
      this.#raw.uncork()
    }
    return 'sent'
  }

  /** Ends the socket in an orderly way. */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }
}
