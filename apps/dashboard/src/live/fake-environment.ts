import type { Environment, SocketEvents } from './environment.ts'

type Timer = { id: number; atMs: number; run: () => void }

/** A socket that a test speaks for. */
export class FakeSocket {
  readonly sent: unknown[] = []
  closed = false
  readonly #events: SocketEvents

  constructor(events: SocketEvents) {
    this.#events = events
  }

  /** What the agent sends. */
  say(message: object): void {
    if (!this.closed) this.#events.onMessage(JSON.stringify(message))
  }

  /** The connection is cut by the other side. */
  cut(): void {
    if (this.closed) return
    this.closed = true
    this.#events.onClose()
  }
}

/** A clock, sockets, frames and answers that a test moves by hand. */
export class FakeEnvironment implements Environment {
  nowMs = 1_000_000
  hidden = false
  readonly sockets: FakeSocket[] = []
  /** Answers by path; a path without one is never answered. */
  readonly answers = new Map<string, () => unknown>()
  readonly asked: string[] = []
  #timers: Timer[] = []
  #frames: Timer[] = []
  #nextId = 1
  #watchers: { onVisibility: () => void; onOnline: () => void } | null = null

  /** The newest socket. @throws Error when none was opened */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1)
    if (socket === undefined) throw new Error('No socket was opened.')
    return socket
  }

  openSocket = (events: SocketEvents) => {
    const socket = new FakeSocket(events)
    this.sockets.push(socket)
    return {
      send: (text: string) => void socket.sent.push(JSON.parse(text)),
      close: () => {
        socket.closed = true
      },
    }
  }

  fetchJson = async (path: string): Promise<unknown> => {
    this.asked.push(path)
    const answer = this.answers.get(path)
    if (answer === undefined) return new Promise(() => undefined)
    return answer()
  }

  now = () => this.nowMs
  random = () => 1
  isHidden = () => this.hidden

  setTimer = (run: () => void, ms: number) => {
    const id = this.#nextId++
    this.#timers.push({ id, atMs: this.nowMs + ms, run })
    return id
  }

  clearTimer = (id: number) => {
    this.#timers = this.#timers.filter((timer) => timer.id !== id)
  }

  requestFrame = (run: () => void) => {
    const id = this.#nextId++
    this.#frames.push({ id, atMs: 0, run })
    return id
  }

  cancelFrame = (id: number) => {
    this.#frames = this.#frames.filter((frame) => frame.id !== id)
  }

  watch = (onVisibility: () => void, onOnline: () => void) => {
    this.#watchers = { onVisibility, onOnline }
    return () => {
      this.#watchers = null
    }
  }

  /** Lets time pass; timers run when they are due. */
  pass(ms: number): void {
    const end = this.nowMs + ms
    for (;;) {
      const due = this.#timers.filter((timer) => timer.atMs <= end).sort((a, b) => a.atMs - b.atMs)[0]
      if (due === undefined) break
      this.clearTimer(due.id)
      this.nowMs = Math.max(this.nowMs, due.atMs)
      due.run()
    }
    this.nowMs = end
  }

  /** Time passes while the machine sleeps: timers run late, after it. */
  sleep(ms: number): void {
    this.nowMs += ms
    this.pass(0)
  }

  /** Draws one frame. @returns how many callbacks ran */
  frame(): number {
    const frames = this.#frames
    this.#frames = []
    for (const { run } of frames) run()
    return frames.length
  }

  /** The tab is hidden or shown. */
  show(visible: boolean): void {
    this.hidden = !visible
    this.#watchers?.onVisibility()
  }

  goOnline(): void {
    this.#watchers?.onOnline()
  }
}
