import type { GroupNow, Holder, PoolNow, ServerNow, Session, Statement } from '@poolscope/protocol'
import type { GroupDayColumn, GroupWindow, ServerDayColumn, ServerWindow } from '@poolscope/rules'
import type { Fleet } from '../fleet/fleet.ts'
import type { Tick } from '../fleet/fleet-series.ts'
import { DayWindow, type Fold, type PastDay } from './day-window.ts'
import type { PastDays } from './past-days.ts'

/** What windows are built from besides the tick. */
export type WindowSources = Pick<Fleet, 'holders' | 'sessionList' | 'statements' | 'series'>

const GROUP_DAY: Readonly<Record<GroupDayColumn, Fold>> = {
  inUseMin: 'least',
  inUsePeak: 'most',
  idleMin: 'least',
  max: 'most',
  checkoutsPerSec: 'mean',
  attemptsPerSec: 'mean',
  holdP95Ms: 'mean',
}
const SERVER_DAY: Readonly<Record<ServerDayColumn, Fold>> = { total: 'most' }

/** What was stored of a subject that does not come back for so long is forgotten, as the fleet forgets a silent pool. */
const RECALL_MS = 600_000

/** Statements that a rule looks through. */
const STATEMENTS_MS = 10_000
const STATEMENTS = { order: 'total', limit: 20, windowMs: 300_000 } as const

/** Windows of all subjects, and the day of each that grows with the ticks. */
export class Windows {
  readonly #sources: WindowSources
  #groupDays = new Map<string, DayWindow<GroupDayColumn>>()
  #serverDays = new Map<string, DayWindow<ServerDayColumn>>()
  #statements = new Map<string, { atMs: number; list: Statement[] | null }>()
  #past: (PastDays & { untilMs: number }) | null = null

  constructor(sources: WindowSources) {
    this.#sources = sources
  }

  /** Takes a tick into the day of every subject; what is gone is forgotten. */
  add({ groups, servers, atMs }: Tick['fleet']): void {
    keepOnly(this.#groupDays, groups)
    keepOnly(this.#serverDays, servers)
    keepOnly(this.#statements, servers)
    if (this.#past !== null && atMs > this.#past.untilMs) this.#past = null
    for (const group of groups) if (!group.stale) this.#groupDay(group.id).add(atMs, daySample(group))
    for (const server of servers) {
      if (!server.stale) this.#serverDay(server.id).add(atMs, { total: server.connections.total })
    }
  }

  /** Begins the days of all subjects from what was stored of them; those that come later begin so as well. */
  recall(past: PastDays, atMs: number): void {
    this.#past = { ...past, untilMs: atMs + RECALL_MS }
    for (const [id, day] of this.#groupDays) recallOne(day, past.groups.get(id))
    for (const [id, day] of this.#serverDays) recallOne(day, past.servers.get(id))
  }

  /** The windows of a moment. What costs to gather is gathered when a rule first looks at it. */
  of(fleet: Tick['fleet']): { groups: GroupWindow[]; servers: ServerWindow[] } {
    const pools = groupBy(fleet.pools, ({ groupId }) => groupId)
    const byServer = groupBy(fleet.groups, ({ serverId }) => serverId)
    const servers = new Map(fleet.servers.map((server) => [server.id, server]))
    const sessionsOf = remembered((id: string) => this.#sources.sessionList(id))
    const byPool = remembered((id: string) => groupBy(sessionsOf(id), ({ poolId }) => poolId))
    return {
      groups: fleet.groups.map((group) => {
        const own = pools.get(group.id) ?? []
        const server = group.serverId === null ? null : (servers.get(group.serverId) ?? null)
        const gather: Gather = {
          holders: () => this.#holdersOf(own),
          sessions: () =>
            own.flatMap(({ id, serverId }) => (serverId === null ? [] : (byPool(serverId).get(id) ?? []))),
          neighbours: () =>
            server === null ? [] : (byServer.get(server.id) ?? []).filter(({ id }) => id !== group.id),
        }
        return new LazyGroupWindow(
          fleet.atMs,
          group,
          own,
          server,
          gather,
          this.#sources.series(group.id),
          this.#groupDay(group.id),
        )
      }),
      servers: fleet.servers.map((server) => ({
        atMs: fleet.atMs,
        server,
        get sessions(): Session[] {
          return sessionsOf(server.id)
        },
        groups: byServer.get(server.id) ?? [],
        statements: this.#statementsOf(server, fleet.atMs),
        day: this.#serverDay(server.id),
      })),
    }
  }

  /** Pool by pool, because a search by group goes through all pools of the fleet. */
  #holdersOf(pools: readonly PoolNow[]): Holder[] {
    const busy = pools.filter(({ inUse, origin }) => origin === 'probe' && inUse !== 0)
    const holders = busy.flatMap(({ id }) => this.#sources.holders(id).holders)
    return holders.sort((a, b) => b.heldMs - a.heldMs)
  }

  /** Servers are asked for statements every ten seconds at most, and adding them up costs more than all rules. */
  #statementsOf({ id }: ServerNow, atMs: number): Statement[] | null {
    const known = this.#statements.get(id)
    if (known !== undefined && Math.abs(atMs - known.atMs) < STATEMENTS_MS) return known.list
    const answer = this.#sources.statements(id, STATEMENTS)
    const list = answer === undefined || answer.source === null ? null : answer.statements
    this.#statements.set(id, { atMs, list })
    return list
  }

  #groupDay(id: string): DayWindow<GroupDayColumn> {
    return entryOf(this.#groupDays, id, () => recallOne(new DayWindow(GROUP_DAY), this.#past?.groups.get(id)))
  }

  #serverDay(id: string): DayWindow<ServerDayColumn> {
    return entryOf(this.#serverDays, id, () =>
      recallOne(new DayWindow(SERVER_DAY), this.#past?.servers.get(id)),
    )
  }
}

type Gather = { holders: () => Holder[]; sessions: () => Session[]; neighbours: () => GroupNow[] }

/** A window whose lists are gathered when they are first read. */
class LazyGroupWindow implements GroupWindow {
  readonly atMs: number
  readonly group: GroupNow
  readonly pools: readonly PoolNow[]
  readonly server: ServerNow | null
  readonly recent: GroupWindow['recent']
  readonly day: GroupWindow['day']
  readonly #gather: Gather
  #holders: Holder[] | null = null
  #sessions: Session[] | null = null
  #neighbours: GroupNow[] | null = null

  constructor(
    atMs: number,
    group: GroupNow,
    pools: readonly PoolNow[],
    server: ServerNow | null,
    gather: Gather,
    recent: GroupWindow['recent'],
    day: GroupWindow['day'],
  ) {
    this.atMs = atMs
    this.group = group
    this.pools = pools
    this.server = server
    this.#gather = gather
    this.recent = recent
    this.day = day
  }

  get holders(): readonly Holder[] {
    this.#holders ??= this.#gather.holders()
    return this.#holders
  }

  get sessions(): readonly Session[] {
    this.#sessions ??= this.#gather.sessions()
    return this.#sessions
  }

  get neighbours(): readonly GroupNow[] {
    this.#neighbours ??= this.#gather.neighbours()
    return this.#neighbours
  }
}

function recallOne<Column extends string>(day: DayWindow<Column>, past: PastDay<Column> | undefined) {
  if (past !== undefined) day.recall(past)
  return day
}

function daySample(group: GroupNow): Record<GroupDayColumn, number | null> {
  const { inUse, inUsePeak, idle, max, checkoutsPerSec, timeoutsPerSec, errorsPerSec, holdMs } = group
  const asked =
    checkoutsPerSec === null || timeoutsPerSec === null || errorsPerSec === null
      ? null
      : checkoutsPerSec + timeoutsPerSec + errorsPerSec
  return {
    inUseMin: inUse,
    inUsePeak,
    idleMin: idle,
    max,
    checkoutsPerSec,
    attemptsPerSec: asked,
    holdP95Ms: holdMs.p95,
  }
}

function groupBy<Key, Item>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) entryOf(groups, keyOf(item), () => []).push(item)
  return groups
}

function keepOnly(map: Map<string, unknown>, alive: readonly { id: string }[]): void {
  const ids = new Set(alive.map(({ id }) => id))
  for (const id of map.keys()) if (!ids.has(id)) map.delete(id)
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}

/** A function of one argument that works out each answer once. */
function remembered<Value>(work: (id: string) => Value): (id: string) => Value {
  const known = new Map<string, Value>()
  return (id) => entryOf(known, id, () => work(id))
}
