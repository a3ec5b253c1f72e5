import {
  type Fleet as FleetAnswer,
  type GroupDetail,
  type GroupNow,
  type Holders,
  POOL_COLUMNS,
  type PoolNow,
  type Report,
  type ReportReply,
  SERVER_COLUMNS,
  type ServerNow,
  type Session,
  type Sessions,
  type Statements,
} from '@poolscope/protocol'
import type { Source, SourceUpdate } from '../sources/source.ts'
import { attribute } from './attribution.ts'
import { FleetSeries, type Tick } from './fleet-series.ts'
import { groupNow } from './group.ts'
import { holdersAnswer, longHeld } from './holders/holders-answer.ts'
import { keptPools } from './kept-pools.ts'
import { ObservedPools } from './observed-pools.ts'
import type { PoolEntry } from './pool-entry.ts'
import type { Recorded } from './pool-trace.ts'
import { ProbedPools } from './probed-pools.ts'
import type { RecentTicks } from './recent-ticks.ts'
import { ServerEntry } from './server-entry.ts'
import { sessionsAnswer } from './sessions.ts'
import { type StatementsQuery, StatementWindow } from './statement-window.ts'
import type { TickTimes } from './tick-ring.ts'

/** What the fleet needs from outside. */
export type FleetOptions = {
  /** Epoch ms. */
  now: () => number
  /** Time between ticks, ms. */
  tickMs: number
  /** For how long a held connection of a pool may be quiet; `null`, or without this, it is learned. */
  quietLimitMs?: (service: string, name: string) => number | null
}

type WatchedServer = { entry: ServerEntry; observed: ObservedPools; statements: StatementWindow }

/** What is true now: pools, servers, holders, and a ring of the last ticks of each. */
export class Fleet {
  readonly tickMs: number
  /** It shows what was, of which some things are not recorded. */
  readonly isRecorded: boolean = false
  readonly #now: () => number
  readonly #pools: ProbedPools
  readonly #series: FleetSeries
  #servers = new Map<string, WatchedServer>()
  /** Frames that slow clients did not get; counted by the live hub. */
  skippedFramesTotal = 0

  readonly #serverOf = ({ serverId }: PoolEntry): ServerEntry | null =>
    serverId === null ? null : (this.#servers.get(serverId)?.entry ?? null)

  constructor(options: FleetOptions) {
    this.#now = options.now
    this.tickMs = options.tickMs
    this.#series = new FleetSeries(options.tickMs)
    this.#pools = new ProbedPools({
      quietLimitMs: options.quietLimitMs ?? (() => null),
      serverOf: this.#serverOf,
      onForgotten: (id) => this.#series.drop(id),
    })
  }

  /** The fleet's clock, epoch ms. */
  get nowMs(): number {
    return this.#now()
  }

  /** When the last ticks were. */
  get times(): TickTimes {
    return this.#series.times
  }

  /** Reports that were taken in since the agent started. */
  get reportsTotal(): number {
    return this.#pools.reportsTotal
  }

  /** Samples, pools and frames left out since the agent started. */
  get droppedTotal(): number {
    let dropped = this.#pools.refusedTotal + this.skippedFramesTotal
    for (const { observed } of this.#servers.values()) dropped += observed.droppedTotal
    return dropped
  }

  /** Begins to keep a server, before its first sample. */
  addServer(source: Pick<Source, 'id' | 'name' | 'system' | 'address'>): void {
    const entry = new ServerEntry(source)
    this.#servers.set(source.id, {
      entry,
      observed: new ObservedPools(entry),
      statements: new StatementWindow(),
    })
  }

  /** Forgets a server that is not watched any more. Its history goes with the next tick. */
  removeServer(id: string): void {
    this.#servers.delete(id)
  }

  /** Takes in what a source says of its server. */
  takeServer(id: string, update: SourceUpdate): void {
    const server = this.#servers.get(id)
    if (server === undefined) return
    const atMs = this.#now()
    server.entry.take(update, atMs)
    if (update.sample === null) return
    const { statements } = update.sample
    if (statements !== null) server.statements.take(statements, atMs)
    this.#attribute()
    server.observed.update(atMs)
  }

  /** Takes in a checked report, once however often it is sent. Pools beyond the limit are counted and left out. */
  takeReport(report: Report): ReportReply {
    return this.#pools.take(report, this.#now())
  }

  /** Sessions of a server that pools have held for a while, longest held first: what is worth a closer look. */
  longHeld(serverId: string): number[] {
    return longHeld(this.#pools.all(), serverId)
  }

  /** Closes a tick: forgets what is long gone and writes every series' next entry. */
  tick(): Tick {
    const atMs = this.#now()
    this.#pools.forgetSilent(atMs)
    this.#attribute()
    const fleet = this.snapshot()
    return { fleet, rows: this.#series.write(fleet, atMs) }
  }

  /** Everything that is true now. */
  snapshot(): FleetAnswer {
    const atMs = this.#now()
    const pools = this.#poolsNow(atMs)
    return {
      atMs,
      groups: this.#groupsNow(pools),
      pools,
      servers: [...this.#servers.keys()].map((id) => this.server(id) as ServerNow),
      droppedTotal: this.droppedTotal,
    }
  }

  /** One pool now; undefined when there is none of that id. */
  pool(id: string): PoolNow | undefined {
    const atMs = this.#now()
    const entry = this.#pools.get(id)
    if (entry !== undefined) return entry.now(atMs)
    return this.#observedNow(atMs).find((pool) => pool.id === id)
  }

  /** One pool group and its instances; undefined when there is none of that id. */
  group(id: string): GroupDetail | undefined {
    const pools = this.#poolsNow(this.#now()).filter((pool) => pool.groupId === id)
    const [group] = this.#groupsNow(pools)
    return group === undefined ? undefined : { group, pools }
  }

  /** Who holds connections of a pool or a pool group, longest held first; at most 200. */
  holders(poolOrGroupId: string): Holders {
    const one = this.#pools.get(poolOrGroupId)
    const pools =
      one === undefined ? this.#pools.all().filter((pool) => pool.groupId === poolOrGroupId) : [one]
    const poolOf = (id: string) => this.#pools.get(id)
    return holdersAnswer(pools, { serverOf: this.#serverOf, poolOf }, this.#now())
  }

  /** What a pool lived through lately; of a group, the instance with the longest trace. Undefined without a probe. */
  trace(poolOrGroupId: string): Recorded | undefined {
    let longest: PoolEntry | undefined
    for (const pool of this.#pools.all()) {
      if (pool.id !== poolOrGroupId && pool.groupId !== poolOrGroupId) continue
      if (longest === undefined || pool.trace.windowMs > longest.trace.windowMs) longest = pool
    }
    return longest?.recorded()
  }

  /** One server now; undefined when it is not watched. */
  server(id: string): ServerNow | undefined {
    const pools = this.#pools.all().filter((pool) => pool.serverId === id)
    const known = pools.every((pool) => pool.last.max !== null)
    const maxSum = known ? pools.reduce((sum, pool) => sum + (pool.last.max as number), 0) : null
    return this.#servers.get(id)?.entry.now(this.#now(), { count: pools.length, maxSum })
  }

  /** A server's sessions with their owners; undefined when it is not watched. */
  sessions(id: string): Sessions | undefined {
    const server = this.#servers.get(id)
    if (server === undefined) return undefined
    const { sample } = server.entry
    return sessionsAnswer(sample?.atMs ?? null, sample?.connections.total ?? null, this.sessionList(id))
  }

  /** All sessions of a server with their owners, in the server's order; none when it is not watched. */
  sessionList(id: string): Session[] {
    const server = this.#servers.get(id)
    if (server === undefined) return []
    const { sample, owners } = server.entry
    return (sample?.sessions ?? []).map((session) => ({
      ...session,
      poolId: owners.get(session.pid) ?? server.observed.ownerOf(session),
    }))
  }

  /** What a server's statements did lately; undefined when it is not watched. */
  statements(id: string, query: StatementsQuery): Statements | undefined {
    const server = this.#servers.get(id)
    if (server === undefined) return undefined
    const sessions = this.sessionList(id)
    const runs = (user: string | null, database: string | null) => (session: Session) =>
      session.poolId !== null &&
      (user === null || session.user === user) &&
      (database === null || session.database === database)
    return server.statements.answer(query, (user, database) => [
      ...new Set(sessions.filter(runs(user, database)).flatMap(({ poolId }) => poolId ?? [])),
    ])
  }

  /** One column after another of a pool or a group, tick by tick, oldest first; empty when nothing was written. */
  series(id: string): ReturnType<FleetSeries['of']> {
    return this.#series.of(id)
  }

  /** The last ticks of a pool, a group or a server; undefined when nothing was written for the id. */
  recent(id: string): RecentTicks | undefined {
    return this.#series.recent(id, this.#servers.has(id) ? SERVER_COLUMNS : POOL_COLUMNS)
  }

  /** The ids of all groups now. */
  groupIds(): string[] {
    return [...new Set(this.#poolsNow(this.#now()).map((pool) => pool.groupId))]
  }

  /** The pools with a probe, for exposition. */
  entries(): Iterable<PoolEntry> {
    return this.#pools.all()
  }

  #poolsNow(atMs: number): PoolNow[] {
    return [...this.#pools.all().map((pool) => pool.now(atMs)), ...this.#observedNow(atMs)]
  }

  #observedNow(atMs: number): PoolNow[] {
    return [...this.#servers.values()].flatMap(({ entry, observed }) => [
      ...keptPools(entry, atMs),
      ...observed.now(atMs),
    ])
  }

  #groupsNow(pools: readonly PoolNow[]): GroupNow[] {
    const members = new Map<string, PoolNow[]>()
    for (const pool of pools) {
      const group = members.get(pool.groupId)
      if (group === undefined) members.set(pool.groupId, [pool])
      else group.push(pool)
    }
    return [...members.values()].map((group) =>
      groupNow(
        group,
        (id) => this.#pools.get(id)?.durations,
        (id) => this.#pools.get(id)?.looks,
      ),
    )
  }

  #attribute(): void {
    attribute(
      this.#pools.all(),
      [...this.#servers.values()].map((server) => server.entry),
    )
  }
}
