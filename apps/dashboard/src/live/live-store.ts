import type {
  Fleet,
  FleetHistory,
  GroupMessage,
  History,
  LiveMessage,
  PoolColumn,
  ServerMessage,
  ServerNow,
} from '@poolscope/protocol'
import { MAX_TOPICS } from '@poolscope/protocol'
import { ApiError } from '../api/api-error.ts'
import { spanOf, type TimeRange } from '../lib/time-range.ts'
import type { Environment } from './environment.ts'
import { FleetState, type SeriesSource } from './fleet-state.ts'
import type { FleetView } from './fleet-view.ts'
import { Listeners } from './listeners.ts'
import { type ConnectionState, LiveConnection } from './live-connection.ts'
import { LIVE_SPARKS, liveSparkQuery, SPARK_POINTS, type SparkWindow } from './spark-table.ts'
import { RING_TICKS } from './tick-clock.ts'

export type { SeriesSource } from './fleet-state.ts'

/** How often the facts about servers that no tick carries are asked for, ms. */
const SERVER_FACTS_MS = 10_000

/** A time without live data, epoch ms by the agent's clock. */
export type Gap = { fromMs: number; toMs: number }

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
  /** Times without live data that still are in the rings, oldest first. */
  gaps: readonly Gap[] = []
  readonly #env: Environment
  readonly #state = new FleetState()
  readonly #connection: LiveConnection
  readonly #draws = new Listeners()
  readonly #views = new Listeners()
  readonly #statuses = new Listeners()
  readonly #series = new Map<string, { source: SeriesSource; users: number; listeners: Listeners }>()
  readonly #topics = new Map<string, number>()
  readonly #heard = new Map<string, GroupMessage | ServerMessage>()
  #shown = new Map<string, GroupMessage | ServerMessage>()
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
    this.#topics.set(topic, (this.#topics.get(topic) ?? 0) + 1)
    this.#subscribe()
    return () => {
      const users = (this.#topics.get(topic) ?? 1) - 1
      if (users > 0) this.#topics.set(topic, users)
      else {
        this.#topics.delete(topic)
        this.#heard.delete(topic)
        this.#shown.delete(topic)
        this.#subscribe()
      }
    }
  }

  /** The newest shown message of a topic; undefined before the first. */
  detail(topic: string): GroupMessage | ServerMessage | undefined {
    return this.#shown.get(topic)
  }

  /**
   * Fetches the past of one series and keeps it whole over lost connections, until the returned function
   * is called.
   * @param onHistory called when history was written into the ring
   */
  openSeries(source: SeriesSource, onHistory: () => void): () => void {
    const key = `${source.kind}:${source.id}`
    let open = this.#series.get(key)
    if (open === undefined) {
      open = { source, users: 0, listeners: new Listeners() }
      this.#series.set(key, open)
      this.#keepPools(source)
      if (!this.#state.clock.empty) void this.#backfill(source)
    }
    const { listeners } = open
    const remove = listeners.add(onHistory)
    open.users += 1
    return () => {
      remove()
      const now = this.#series.get(key)
      if (now === undefined) return
      now.users -= 1
      if (now.users > 0) return
      this.#series.delete(key)
      this.#keepPools(source)
    }
  }

  #keepPools({ kind }: SeriesSource): void {
    if (kind !== 'pool') return
    const open = [...this.#series.values()].filter(({ source }) => source.kind === 'pool')
    this.#state.keepPools(open.map(({ source }) => source.id))
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

  /** Lets sparklines show the time of a range. */
  showSparks(range: TimeRange): void {
    const stepMs = spanOf(range) / SPARK_POINTS
    const endMs = range.kind === 'live' ? null : range.toMs
    const { sparkWindow } = this.#state
    if (sparkWindow.stepMs === stepMs && sparkWindow.endMs === endMs) return
    this.#state.showSparks({ stepMs, endMs })
    if (this.#state.clock.empty) return
    for (const column of this.#state.sparks.keys()) void this.#backfillSparks(column)
  }

  /** Rises when the sparklines of a column have another picture; −1 while nobody asked for them. */
  sparkVersion(column: PoolColumn): number {
    return this.#state.sparks.get(column)?.version ?? -1
  }

  /** Copies the sparkline of a group. @returns false while there is nothing to show */
  readSpark(id: string, column: PoolColumn, into: Float32Array): boolean {
    const table = this.#state.sparks.get(column)
    if (table === undefined) {
      this.#state.keepSparks(column)
      if (!this.#state.clock.empty) void this.#backfillSparks(column)
    }
    return this.#state.sparks.get(column)?.read(id, into) ?? false
  }

  #take(message: LiveMessage): void {
    const state = this.#state
    switch (message.type) {
      case 'hello': {
        this.isRecorded = message.recorded === true
        const before = state.clock.empty ? null : state.view.atMs
        state.takeHello(message)
        if (this.#wasLive && before !== null) this.#markGap(before, message.atMs)
        this.#wasLive = true
        this.#subscribedAs = ''
        this.#subscribe()
        this.#refill()
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
        this.#heard.set(topic, message)
        if (message.type === 'server' && message.server !== null) state.takeServer(message.server)
        if (message.type === 'group') state.takePools(message.pools, message.atMs)
        break
      }
      case 'error':
        return
    }
    this.#touch()
  }

  #markGap(fromMs: number, toMs: number): void {
    const { clock } = this.#state
    const oldestMs = toMs - clock.tickMs * 300
    if (toMs - fromMs < clock.tickMs * 2.5) return
    this.gaps = [...this.gaps.filter((gap) => gap.toMs > oldestMs), { fromMs, toMs }]
  }

  #subscribe(): void {
    const topics = ['groups', ...this.#topics.keys()].slice(0, MAX_TOPICS)
    const text = topics.join(' ')
    if (this.#connection.state.phase !== 'live' || text === this.#subscribedAs) return
    this.#subscribedAs = text
    this.#connection.send({ type: 'subscribe', topics })
  }

  async #seed(): Promise<void> {
    const fleet = (await this.#ask('/api/v1/fleet?pools=false')) as Fleet | null
    if (fleet === null || this.#wasLive) return
    this.#state.takeSnapshot(fleet)
    this.#refill()
    this.#touch()
  }

  #refill(): void {
    for (const { source } of this.#series.values()) void this.#backfill(source)
    for (const column of this.#state.sparks.keys()) void this.#backfillSparks(column)
  }

  async #backfill(source: SeriesSource): Promise<void> {
    const { clock } = this.#state
    // As many rows as the ring has ticks, so that each row is one.
    const toMs = Math.round(clock.timeOf(clock.newest))
    const range = `fromMs=${toMs - (RING_TICKS - 1) * clock.tickMs}&toMs=${toMs}&points=${RING_TICKS}`
    const path = `/api/v1/${source.kind}s/${encodeURIComponent(source.id)}/history?${range}`
    const history = (await this.#ask(path)) as History | null
    if (history === null) return
    this.#state.mergeHistory(source, history)
    this.#series.get(`${source.kind}:${source.id}`)?.listeners.call()
    this.#touch()
  }

  async #backfillSparks(column: PoolColumn): Promise<void> {
    const { sparkWindow, clock } = this.#state
    const history = await this.#ask(
      `/api/v1/fleet/history?column=${column}&${sparkQuery(sparkWindow, clock.timeOf(clock.newest))}`,
    )
    if (history === null || sparkWindow !== this.#state.sparkWindow) return
    this.#state.mergeFleetHistory(column, history as FleetHistory)
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
    for (const [topic, message] of this.#heard) {
      if (this.#shown.has(topic)) continue
      this.#shown.set(topic, message)
      this.#firstShown = true
    }
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
      this.#shown = new Map(this.#heard)
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

/** The agent's rows are as long as people read, not as the points are: of so many, each point gets one. */
const ROWS_PER_POINT = 3

function sparkQuery({ stepMs, endMs }: SparkWindow, nowMs: number): string {
  if (stepMs === LIVE_SPARKS.stepMs && endMs === null) return liveSparkQuery(nowMs)
  const toMs = Math.round(endMs ?? nowMs)
  const fromMs = Math.round(toMs - stepMs * SPARK_POINTS)
  return `points=${SPARK_POINTS * ROWS_PER_POINT}&fromMs=${fromMs}&toMs=${toMs}`
}
