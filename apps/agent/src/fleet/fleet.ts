import {
  type Blocker,
  type Fleet as FleetAnswer,
  type GroupDetail,
  type GroupNow,
  type Holders,
  POOL_COLUMNS,
  type PoolColumn,
  type PoolNow,
  type PoolReport,
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
import { poolRow, type Row, rowWithGaps, serverRow } from './columns.ts'
import { groupNow } from './group.ts'
import { keptPools } from './kept-pools.ts'
import { ObservedPools } from './observed-pools.ts'
import { PoolEntry } from './pool-entry.ts'
import type { PoolRecord } from './pool-trace.ts'
import { RecentTicks } from './recent-ticks.ts'
import { ServerEntry } from './server-entry.ts'
import { sessionsAnswer } from './sessions.ts'
import { type StatementsQuery, StatementWindow } from './statement-window.ts'
import { SeriesRing, TickTimes } from './tick-ring.ts'

/** Most pools with a probe that one agent keeps; the rest are counted as dropped. */
const MAX_POOLS = 5000
/** A silent pool is forgotten after this long. */
const FORGET_AFTER_MS = 10 * 60_000
/** For how long at a time stacks are asked for; each answer to a report asks anew. */
const CAPTURE_MS = 10_000
/** A session that is held for so long is worth a closer look. */
const LONG_HELD_MS = 1000
/** Most sessions of a server that are looked at closer. */
const MOST_LONG_HELD = 200

/** Where each column of a pool stands in its rows. */
const POOL_PLACES = Object.fromEntries(POOL_COLUMNS.map((name, index) => [name, index])) as Record<
  PoolColumn,
  number
>

/** What the fleet needs from outside. */
export type FleetOptions = {
  /** Epoch ms. */
  now: () => number
  /** Time between ticks, ms. */
  tickMs: number
  /** For how long a held connection of a pool may be quiet; `null`, or without this, it is learned. */
  quietLimitMs?: (service: string, name: string) => number | null
}

/** A process that reports: its pools, also in the order of its last report, so that the next one needs no search. */
type Process = {
  byName: Map<string, PoolEntry>
  inOrder: PoolEntry[]
  /** Of its last report. */
  startedAtMs: number
  sequence: number
}

type WatchedServer = { entry: ServerEntry; observed: ObservedPools; statements: StatementWindow }

/** A closed tick: everything, and its numbers in column order, one row each in the same order. */
export type Tick = { fleet: FleetAnswer; rows: { pools: Row[]; groups: Row[]; servers: Row[] } }

/** What is true now: pools, servers, holders, and a ring of the last ticks of each. */
export class Fleet {
  readonly times = new TickTimes()
  readonly tickMs: number
  /** It shows what was, of which some things are not recorded. */
  readonly isRecorded: boolean = false
  readonly #now: () => number
  readonly #quietLimitMs: (service: string, name: string) => number | null
  #pools = new Map<string, PoolEntry>()
  #processes = new Map<string, Process>()
  #servers = new Map<string, WatchedServer>()
  #rings = new Map<string, SeriesRing>()
  #refusedTotal = 0
  /** Frames that slow clients did not get; counted by the live hub. */
  skippedFramesTotal = 0
  reportsTotal = 0

  constructor(options: FleetOptions) {
    this.#now = options.now
    this.tickMs = options.tickMs
    this.#quietLimitMs = options.quietLimitMs ?? (() => null)
  }

  /** The fleet's clock, epoch ms. */
  get nowMs(): number {
    return this.#now()
  }

  /** Samples, pools and frames left out since the agent started. */
  get droppedTotal(): number {
    let dropped = this.#refusedTotal + this.skippedFramesTotal
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
    const atMs = this.#now()
    this.reportsTotal += 1
    const key = processKey(report)
    const process = this.#processes.get(key) ?? newProcess()
    const { startedAtMs, sequence } = report
    if (process.startedAtMs === startedAtMs && process.sequence === sequence) {
      return { accepted: report.pools.length, dropped: 0 }
    }
    const inOrder: PoolEntry[] = []
    let dropped = 0
    for (const pool of report.pools) {
      const expected = process.inOrder[inOrder.length]
      const known = expected?.isOf(pool) ? expected : process.byName.get(nameKey(pool))
      if (pool.ended) {
        if (known !== undefined) this.#forget(known)
        continue
      }
      const entry = known ?? this.#newPool(report, pool, atMs)
      if (entry === null) {
        dropped += 1
        continue
      }
      if (known === undefined) process.byName.set(nameKey(pool), entry)
      entry.take(report, pool, atMs, this.#pools.size)
      entry.watchHolds(report, pool, this.#serverOf(entry), atMs)
      inOrder.push(entry)
    }
    process.inOrder = inOrder
    process.startedAtMs = startedAtMs
    process.sequence = sequence
    if (process.byName.size > 0) this.#processes.set(key, process)
    const reply = { accepted: report.pools.length - dropped, dropped }
    const suspicious = inOrder.filter((entry) => entry.holds.wantsStacks(atMs))
    if (suspicious.length === 0) return reply
    const captureStacks = suspicious.map(({ last: { system, name } }) => ({
      system,
      name,
      forMs: CAPTURE_MS,
    }))
    return { ...reply, captureStacks }
  }

  /** Sessions of a server that pools have held for a while, longest held first: what is worth a closer look. */
  longHeld(serverId: string): number[] {
    const held = [...this.#pools.values()].flatMap(({ serverId: id, last }) =>
      id === serverId ? last.holders.filter(({ heldMs }) => heldMs >= LONG_HELD_MS) : [],
    )
    return held
      .sort((a, b) => b.heldMs - a.heldMs)
      .flatMap(({ sessionPid }) => sessionPid ?? [])
      .slice(0, MOST_LONG_HELD)
  }

  /** Closes a tick: forgets what is long gone and writes every series' next entry. */
  tick(): Tick {
    const atMs = this.#now()
    for (const pool of this.#pools.values()) {
      if (atMs - pool.receivedAtMs > FORGET_AFTER_MS) this.#forget(pool)
    }
    this.#attribute()
    const fleet = this.snapshot()
    const tick = this.times.count
    this.times.push(atMs)
    const write = (columns: readonly string[]) => (now: PoolNow | GroupNow | ServerNow, row: Row) => {
      this.#ring(now.id, columns.length, tick).write(tick, rowWithGaps(row, columns, now.stale))
      return row
    }
    const writePool = write(POOL_COLUMNS)
    const writeServer = write(SERVER_COLUMNS)
    const rows = {
      pools: fleet.pools.map((now) => writePool(now, poolRow(now, atMs))),
      groups: fleet.groups.map((now) => writePool(now, poolRow(now, atMs))),
      servers: fleet.servers.map((now) => writeServer(now, serverRow(now, atMs))),
    }
    this.#dropRings(fleet)
    return { fleet, rows }
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
    const entries =
      one === undefined ? [...this.#pools.values()].filter((pool) => pool.groupId === poolOrGroupId) : [one]
    const atMs = this.#now()
    const holders = entries.flatMap((pool) => {
      const server = this.#serverOf(pool)
      return pool.holders(server, atMs, (pid) => this.#blocker(pid, server))
    })
    return {
      atMs,
      total: entries.reduce((sum, pool) => sum + pool.last.inUse, 0),
      holders: holders.sort((a, b) => b.heldMs - a.heldMs).slice(0, 200),
      lateReturns: lateReturns(entries),
    }
  }

  /** What a pool lived through lately; of a group, the instance with the longest trace. Undefined without a probe. */
  trace(poolOrGroupId: string): PoolRecord | undefined {
    let longest: PoolEntry | undefined
    for (const pool of this.#pools.values()) {
      if (pool.id !== poolOrGroupId && pool.groupId !== poolOrGroupId) continue
      if (longest === undefined || pool.trace.windowMs > longest.trace.windowMs) longest = pool
    }
    return longest?.record()
  }

  /** One server now; undefined when it is not watched. */
  server(id: string): ServerNow | undefined {
    const pools = [...this.#pools.values()].filter((pool) => pool.serverId === id)
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
  series(id: string): {
    stepMs: number
    length: number
    at(column: PoolColumn, index: number): number | null
  } {
    const ring = this.#rings.get(id)
    const { first, count } = this.times
    return {
      stepMs: this.tickMs,
      length: ring === undefined ? 0 : count - first,
      at: (column, index) => ring?.at(first + index, POOL_PLACES[column]) ?? null,
    }
  }

  /** The last ticks of a pool, a group or a server; undefined when nothing was written for the id. */
  recent(id: string): RecentTicks | undefined {
    const ring = this.#rings.get(id)
    if (ring === undefined) return undefined
    const columns = this.#servers.has(id) ? SERVER_COLUMNS : POOL_COLUMNS
    return new RecentTicks(this.times, ring, columns)
  }

  /** The ids of all groups now. */
  groupIds(): string[] {
    return [...new Set(this.#poolsNow(this.#now()).map((pool) => pool.groupId))]
  }

  /** The pools with a probe, for exposition. */
  entries(): Iterable<PoolEntry> {
    return this.#pools.values()
  }

  #poolsNow(atMs: number): PoolNow[] {
    return [...[...this.#pools.values()].map((pool) => pool.now(atMs)), ...this.#observedNow(atMs)]
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

  #serverOf({ serverId }: PoolEntry): ServerEntry | null {
    return serverId === null ? null : (this.#servers.get(serverId)?.entry ?? null)
  }

  /** Who a session is that keeps another waiting. */
  #blocker(sessionPid: number, server: ServerEntry | null): Blocker {
    const poolId = server?.owners.get(sessionPid) ?? null
    const owner = poolId === null ? undefined : this.#pools.get(poolId)
    const hold = owner?.last.holders.find((holder) => holder.sessionPid === sessionPid)
    return { sessionPid, poolId, service: owner?.service ?? null, stack: hold?.stack ?? null }
  }

  #attribute(): void {
    attribute(
      this.#pools.values(),
      [...this.#servers.values()].map((server) => server.entry),
    )
  }

  #newPool(report: Report, pool: PoolReport, atMs: number): PoolEntry | null {
    if (this.#pools.size >= MAX_POOLS) {
      this.#refusedTotal += 1
      return null
    }
    const entry = new PoolEntry(report, pool, atMs, this.#quietLimitMs(report.service, pool.name))
    this.#pools.set(entry.id, entry)
    return entry
  }

  #forget(pool: PoolEntry): void {
    this.#pools.delete(pool.id)
    this.#rings.delete(pool.id)
    const key = processKey(pool)
    const process = this.#processes.get(key)
    if (process === undefined) return
    process.byName.delete(nameKey(pool.last))
    process.inOrder = process.inOrder.filter((other) => other !== pool)
    if (process.byName.size === 0) this.#processes.delete(key)
  }

  #ring(id: string, columns: number, tick: number): SeriesRing {
    let ring = this.#rings.get(id)
    if (ring === undefined) {
      ring = new SeriesRing(columns, tick)
      this.#rings.set(id, ring)
    }
    return ring
  }

  #dropRings(fleet: FleetAnswer): void {
    const alive = new Set([...fleet.pools, ...fleet.groups, ...fleet.servers].map((now) => now.id))
    for (const id of this.#rings.keys()) if (!alive.has(id)) this.#rings.delete(id)
  }
}

/** Late returns of several pools together. */
function lateReturns(entries: readonly PoolEntry[]): Holders['lateReturns'] {
  const all = entries.map(({ id, holds }) => ({ poolId: id, ...holds.lateReturns }))
  const [latest] = all
    .flatMap(({ poolId, last }) => (last === null ? [] : [{ poolId, ...last }]))
    .sort((a, b) => b.atMs - a.atMs)
  return { total: all.reduce((sum, { total }) => sum + total, 0), last: latest ?? null }
}

const newProcess = (): Process => ({ byName: new Map(), inOrder: [], startedAtMs: Number.NaN, sequence: -1 })

function processKey({ service, instance }: { service: string; instance: string }): string {
  return `${service}\n${instance}`
}

function nameKey({ system, name }: { system: string; name: string }): string {
  return `${system}\n${name}`
}
