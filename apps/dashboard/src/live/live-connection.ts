import { type LiveMessage, PROTOCOL_VERSION } from '@poolscope/protocol'
import type { Environment, LiveSocket } from './environment.ts'

/** How the page stands to the agent. Times are epoch ms by the viewer's clock. */
export type ConnectionState = {
  /** `connecting`: never yet live; `reconnecting`: it was; `denied`: a sign-in is needed. */
  phase: 'connecting' | 'live' | 'reconnecting' | 'denied'
  lastMessageAtMs: number | null
  /** When it is tried again; null while live, while a try is under way, and when denied. */
  retryAtMs: number | null
  /** Tries that failed since it was last live. */
  attempt: number
  /** True when the agent speaks another version: only loading the page again helps. */
  outdated: boolean
}

/** What the connection tells its owner. */
export type ConnectionEvents = {
  onMessage: (message: LiveMessage) => void
  /** The phase or one of the times changed. */
  onChange: () => void
  /** A socket closed before the hello: nobody is there, or nobody may come in. */
  onRefused: () => void
}

const FIRST_RETRY_MS = 1000
const LONGEST_RETRY_MS = 30_000
/** A socket that has not said hello within this time is given up. */
const HELLO_MS = 10_000
/** Ticks without any message after which the connection counts as lost. */
const SILENT_TICKS = 5

/** One WebSocket that comes back by itself. Knows nothing of what the messages mean beyond the first. */
export class LiveConnection {
  state: ConnectionState = {
    phase: 'connecting',
    lastMessageAtMs: null,
    retryAtMs: null,
    attempt: 0,
    outdated: false,
  }
  readonly #env: Environment
  readonly #events: ConnectionEvents
  #socket: LiveSocket | null = null
  #retry: number | null = null
  #watchdog: number | null = null
  #tickMs = 1000
  #running = false
  #heardHello = false

  constructor(env: Environment, events: ConnectionEvents) {
    this.#env = env
    this.#events = events
  }

  /** Opens the socket, and again whenever it is lost, until {@link stop}. */
  start(): void {
    if (this.#running) return
    this.#running = true
    this.#open()
  }

  stop(): void {
    this.#running = false
    this.#drop()
    this.#cancelRetry()
  }

  /** Tries now rather than when the waiting time is over, also after a denial. */
  retryNow(): void {
    if (!this.#running || this.#socket !== null || this.state.outdated) return
    this.#cancelRetry()
    this.#open()
  }

  /** Stops trying until {@link retryNow}: the agent wants a sign-in first. */
  deny(): void {
    if (this.state.phase === 'denied') return
    this.#drop()
    this.#cancelRetry()
    this.#set({ phase: 'denied', retryAtMs: null })
  }

  /** Sends a message; does nothing while there is no open socket. */
  send(message: object): void {
    if (this.#heardHello) this.#socket?.send(JSON.stringify(message))
  }

  #open(): void {
    this.#heardHello = false
    this.#set({ retryAtMs: null, phase: this.state.lastMessageAtMs === null ? 'connecting' : 'reconnecting' })
    this.#watch(HELLO_MS)
    this.#socket = this.#env.openSocket({
      onMessage: (text) => this.#receive(text),
      onClose: () => this.#lost(),
    })
  }

  #receive(text: string): void {
    let message: LiveMessage
    try {
      message = JSON.parse(text) as LiveMessage
    } catch {
      return
    }
    if (message.type === 'hello') {
      if (message.protocol !== PROTOCOL_VERSION) {
        this.#drop()
        this.#set({ phase: 'reconnecting', outdated: true, retryAtMs: null })
        return
      }
      this.#heardHello = true
      this.#tickMs = message.tickMs
    }
    if (!this.#heardHello) return
    this.#set({ phase: 'live', attempt: 0, retryAtMs: null, lastMessageAtMs: this.#env.now() })
    if (this.#watchdog === null || message.type === 'hello') this.#watch(this.#tickMs * SILENT_TICKS)
    this.#events.onMessage(message)
  }

  /**
   * Gives the socket `ms` without a word. Messages do not touch the timer; when it fires it looks
   * at the time of the last one. A timer that fires late was asleep with the page, and what came
   * meanwhile is still in the queue: it waits one tick more.
   */
  #watch(ms: number): void {
    if (this.#watchdog !== null) this.#env.clearTimer(this.#watchdog)
    const dueMs = this.#env.now() + ms
    this.#watchdog = this.#env.setTimer(() => {
      this.#watchdog = null
      const nowMs = this.#env.now()
      const heardMs = this.#heardHello ? this.state.lastMessageAtMs : null
      const silentMs = heardMs === null ? Number.POSITIVE_INFINITY : nowMs - heardMs
      const limitMs = this.#tickMs * SILENT_TICKS
      if (silentMs < limitMs) this.#watch(limitMs - silentMs)
      else if (nowMs - dueMs > this.#tickMs) this.#watch(this.#tickMs)
      else this.#lost()
    }, ms)
  }

  #lost(): void {
    const refused = !this.#heardHello
    this.#drop()
    if (!this.#running) return
    const { attempt, lastMessageAtMs } = this.state
    const fullMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt)
    // Between half and all of it: clients that were cut off together do not come back together.
    const waitMs = fullMs * (0.5 + this.#env.random() / 2)
    this.#retry = this.#env.setTimer(() => {
      this.#retry = null
      this.#open()
    }, waitMs)
    this.#set({
      phase: lastMessageAtMs === null ? 'connecting' : 'reconnecting',
      attempt: attempt + 1,
      retryAtMs: this.#env.now() + waitMs,
    })
    if (refused) this.#events.onRefused()
  }

  #drop(): void {
    if (this.#watchdog !== null) this.#env.clearTimer(this.#watchdog)
    this.#watchdog = null
    const socket = this.#socket
    this.#socket = null
    this.#heardHello = false
    socket?.close()
  }

  #cancelRetry(): void {
    if (this.#retry !== null) this.#env.clearTimer(this.#retry)
    this.#retry = null
  }

  #set(change: Partial<ConnectionState>): void {
    this.state = { ...this.state, ...change }
    this.#events.onChange()
  }
}
