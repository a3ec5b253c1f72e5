import type { Fleet, GroupMessage, LiveMessage, ServerMessage, ServerNow } from '@poolscope/protocol'
import { MAX_TOPICS } from '@poolscope/protocol'
import { ApiError } from '../api/api-error.ts'
import type { Environment } from './environment.ts'
import { FleetState, type SeriesSource } from './fleet-state.ts'
import type { FleetView } from './fleet-view.ts'
import { Listeners } from './listeners.ts'
import { type ConnectionState, LiveConnection } from './live-connection.ts'
import { LivePast } from './live-past.ts'
import { Topics } from './topics.ts'

export type { SeriesSource } from './fleet-state.ts'

/** How often the facts about servers that no tick carries are asked for, ms. */
const SERVER_FACTS_MS = 10_000

/**
 * All that is live, outside of React: one socket, rings of the last ticks, and one notification per
 * animation frame for everything that arrived since the one before. A hidden tab and a paused page
 * are not notified; data goes on arriving, and on return one notification shows the newest state.
 */
export class LiveStore {
  /** What the page shows now; another object after each notification. */
  view: FleetView
  paused = false
  /** Rises by one with each notification. */
  version = 0
  /** The agent replays a recording. */
  isRecorded = false
  /** What was before the ticks that were heard. */
  readonly past: LivePast
  readonly #env: Environment
  readonly #state = new FleetState()
  readonly #connection: LiveConnection
  readonly #draws = new Listeners()
  readonly #views = new Listeners()
  readonly #statuses = new Listeners()
  readonly #topics = new Topics()
  #frame: number | null = null
  #dirty = false
  #statusDirty = false
  #firstShown = false
  #unwatch: (() => void) | null = null
  #factsTimer: number | null = null
  #wasLive = false
  #subscribedAs = ''

  constructor(env: Environment) {
    this.#env = env
    this.view = this.#state.view
    this.past = new LivePast(this.#state, {
      ask: (path) => this.#ask(path),
      onChange: () => this.#touch(),
    })
    this.#connection = new LiveConnection(env, {
      onMessage: (message) => this.#take(message),
      onChange: () => this.#touchStatus(),
      onRefused: () => void this.#checkAccess(),
    })
  }

  /** How the page stands to the agent. */
  get connection(): ConnectionState {
    return this.#connection.state
  }

  /** How far the paused page is behind what has arrived, ms; 0 when it is not paused. */
  get behindMs(): number {
    return this.paused ? Math.max(0, this.#state.view.atMs - this.view.atMs) : 0
  }

  /** Asks for everything now, opens the socket, and keeps both alive until {@link stop}. */
  start(): void {
    if (this.#unwatch !== null) return
    this.#unwatch = this.#env.watch(
      () => this.#onVisibility(),
      () => this.#connection.retryNow(),
    )
    void this.#seed()
    this.#connection.start()
    this.#refreshFacts()
  }

  stop(): void {
    this.#unwatch?.()
    this.#unwatch = null
    this.#connection.stop()
    if (this.#frame !== null) this.#env.cancelFrame(this.#frame)
    if (this.#factsTimer !== null) this.#env.clearTimer(this.#factsTimer)
    this.#frame = this.#factsTimer = null
  }

  /** Connects now rather than when the waiting time is over; also after a sign-in. */
  retryNow(): void {
    if (!this.view.ready) void this.#seed()
    this.#connection.retryNow()
  }

  /** The agent wants a sign-in: nothing is tried until {@link retryNow}. */
  deny(): void {
    this.#connection.deny()
  }

  /** Stops notifying; data goes on arriving. */
  pause(): void {
    if (this.paused) return
    this.paused = true
    this.#touchStatus()
  }

  /** Shows the newest state and goes on. */
  resume(): void {
    if (!this.paused) return
    this.paused = false
    this.#touch()
    this.#touchStatus()
  }

  /** Calls back once a frame in which data arrived, before {@link subscribe}'s: for what draws by itself. */
  onDraw(draw: () => void): () => void {
    return this.#draws.add(draw)
  }

  /** Calls back after {@link version} rose. */
  subscribe = (listener: () => void): (() => void) => this.#views.add(listener)

  /** Calls back when the connection, the pause, or how far it is behind changed. */
  subscribeStatus = (listener: () => void): (() => void) => this.#statuses.add(listener)

  /** Receives a topic, `group:<id>` or `server:<id>`, until the returned function is called. */
  watchTopic(topic: string): () => void {
    this.#topics.add(topic)
    this.#subscribe()
    return () => {
      this.#topics.remove(topic)
      this.#subscribe()
    }
  }

  /** The newest shown message of a topic; undefined before the first. */
  detail(topic: string): GroupMessage | ServerMessage | undefined {
    return this.#topics.shown(topic)
  }

  /** The numbers of the newest tick, when it was, and what a tick lasts. */
  get newestTick(): { tick: number; atMs: number; tickMs: number } {
    const { clock } = this.#state
    return { tick: clock.newest, atMs: clock.timeOf(clock.newest), tickMs: clock.tickMs }
  }

  /** Copies the times of ticks, oldest first; NaN where no tick is known. */
  readTimes(first: number, last: number, into: Float64Array): void {
    for (let tick = first; tick <= last; tick++) into[tick - first] = this.#state.clock.timeOf(tick)
  }

  /** Copies one column of a series, oldest first; NaN where not known. */
  readSeries(
    { kind, id }: SeriesSource,
    column: string,
    first: number,
    last: number,
    into: Float32Array,
  ): void {
    this.#state.table(kind).read(id, column, first, last, into)
  }

  #take(message: LiveMessage): void {
    const state = this.#state
    switch (message.type) {
      case 'hello': {
        this.isRecorded = message.recorded === true
        state.takeHello(message)
        this.#wasLive = true
        this.#subscribedAs = ''
        this.#subscribe()
        this.past.refill()
        break
      }
      case 'catalogue':
        state.takeCatalogue(message)
        return
      case 'tick': {
        const states = state.view.servers.map((server) => server.state).join()
        if (!state.takeTick(message)) return
        if (state.view.servers.map((server) => server.state).join() !== states) this.#refreshFacts()
        break
      }
      case 'group':
      case 'server': {
        const topic = `${message.type}:${message.id}`
        if (!this.#topics.has(topic)) return
        this.#topics.hear(topic, message)
        if (message.type === 'server' && message.server !== null) state.takeServer(message.server)
        if (message.type === 'group') state.takePools(message.pools, message.atMs)
        break
      }
      case 'error':
        return
    }
    this.#touch()
  }

  #subscribe(): void {
    const topics = ['groups', ...this.#topics.names].slice(0, MAX_TOPICS)
    const text = topics.join(' ')
    if (this.#connection.state.phase !== 'live' || text === this.#subscribedAs) return
    this.#subscribedAs = text
    this.#connection.send({ type: 'subscribe', topics })
  }

  async #seed(): Promise<void> {
    const fleet = (await this.#ask('/api/v1/fleet?pools=false')) as Fleet | null
    if (fleet === null || this.#wasLive) return
    this.#state.takeSnapshot(fleet)
    this.past.refill()
    this.#touch()
  }

  #refreshFacts(): void {
    if (this.#factsTimer !== null) this.#env.clearTimer(this.#factsTimer)
    this.#factsTimer = this.#env.setTimer(() => this.#refreshFacts(), SERVER_FACTS_MS)
    if (this.#env.isHidden() || this.connection.phase !== 'live') return
    for (const { id } of this.#state.view.servers) {
      if (this.#topics.has(`server:${id}`)) continue
      void this.#ask(`/api/v1/servers/${encodeURIComponent(id)}`).then((server) => {
        if (server === null) return
        this.#state.takeServer(server as ServerNow)
        this.#touch()
      })
    }
  }

  async #checkAccess(): Promise<void> {
    await this.#ask('/api/v1/fleet/history?points=1')
  }

  /** Null when the agent cannot be asked: what is live goes on without, and the next hello asks again. */
  async #ask(path: string): Promise<unknown> {
    try {
      return await this.#env.fetchJson(path)
    } catch (error) {
      if (error instanceof ApiError && error.code === 'unauthorized') this.deny()
      return null
    }
  }

  #onVisibility(): void {
    if (this.#env.isHidden()) return
    this.#connection.retryNow()
    if (this.#dirty) this.#touch()
    if (this.#statusDirty) this.#touchStatus()
  }

  #touch(): void {
    this.#dirty = true
    // A topic that has shown nothing yet may show its first message on a paused page too.
    if (this.#topics.showFirst()) this.#firstShown = true
    this.#requestFrame()
  }

  #touchStatus(): void {
    this.#statusDirty = true
    this.#requestFrame()
  }

  #requestFrame(): void {
    if (this.#frame !== null || this.#unwatch === null || this.#env.isHidden()) return
    this.#frame = this.#env.requestFrame(() => this.#flush())
  }

  #flush(): void {
    this.#frame = null
    const held = this.paused && this.view.ready
    if (this.#dirty && !held) {
      this.#dirty = false
      this.view = this.#state.view
      this.#topics.showAll()
      this.version += 1
      this.#draws.call()
      this.#views.call()
    } else if (this.#firstShown) this.#views.call()
    this.#firstShown = false
    if (this.#statusDirty || held) {
      this.#statusDirty = false
      this.#statuses.call()
    }
  }
}
