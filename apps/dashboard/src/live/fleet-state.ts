import {
  type AlertCounts,
  type CatalogueMessage,
  type Columns,
  type Fleet,
  type FleetHistory,
  type GroupIdentity,
  type HelloMessage,
  type History,
  POOL_COLUMNS,
  type PoolColumn,
  type PoolNow,
  SERVER_COLUMNS,
  type ServerIdentity,
  type ServerNow,
  type TickMessage,
} from '@poolscope/protocol'
import { FleetView } from './fleet-view.ts'
import { SeriesTable, VERDICTS } from './series-table.ts'
import { serverAt } from './server-row.ts'
import { groupColumns, poolValue, reasonsOf, serverColumns } from './snapshot-columns.ts'
import { LIVE_SPARKS, SparkTable, type SparkWindow } from './spark-table.ts'
import { TickClock } from './tick-clock.ts'

type Identities = {
  groups: readonly GroupIdentity[]
  servers: readonly ServerIdentity[]
  groupIds: readonly string[]
  indexOf: ReadonlyMap<string, number>
}
type Names = { groups: readonly string[]; servers: readonly string[] }
type Numbers = Pick<TickMessage, 'atMs' | 'droppedTotal' | 'reasons'> & {
  alerts: AlertCounts | null
  groups: Columns
  servers: Columns
  names: Names
}

/** What a page draws from: which kind of series, and whose. */
export type SeriesSource = { kind: 'group' | 'pool' | 'server'; id: string }

const OUR_NAMES: Names = { groups: POOL_COLUMNS, servers: SERVER_COLUMNS }
const NOBODY: Identities = { groups: [], servers: [], groupIds: [], indexOf: new Map() }
const EMPTY_VIEW = new FleetView(null, NOBODY.indexOf)

/** The fleet as the page knows it: the newest numbers as they came, and the last ticks in rings. */
export class FleetState {
  readonly clock = new TickClock()
  readonly groups = new SeriesTable<string>(POOL_COLUMNS)
  readonly servers = new SeriesTable<string>(SERVER_COLUMNS)
  /** The pools whose charts are open: ticks carry groups, and a group's own message carries its pools. */
  readonly pools = new SeriesTable<string>(POOL_COLUMNS)
  readonly sparks = new Map<PoolColumn, SparkTable>()
  sparkWindow: SparkWindow = LIVE_SPARKS
  /** Facts about servers that no tick carries, as they were last heard. */
  readonly serverFacts = new Map<string, ServerNow>()
  view: FleetView = EMPTY_VIEW
  /** The order of the columns in this socket's ticks. */
  #streamNames = OUR_NAMES
  #who: Identities = NOBODY
  #epoch = 0
  /** The catalogue that ticks refer to: the agent's number, null before the first of this socket. */
  #streamEpoch: number | null = null
  #poolIds: readonly string[] = []
  #numbers: Numbers | null = null

  /** Takes in a full snapshot, from the agent's hello or its REST answer, which knows nothing of alerts. */
  takeSnapshot(fleet: Fleet, alerts: AlertCounts | null = null): void {
    this.#streamEpoch = null
    this.#identify(fleet.groups, fleet.servers)
    for (const server of fleet.servers) this.serverFacts.set(server.id, server)
    this.#write({
      atMs: fleet.atMs,
      droppedTotal: fleet.droppedTotal,
      alerts,
      groups: groupColumns(fleet.groups, fleet.atMs),
      servers: serverColumns(fleet.servers, fleet.atMs),
      reasons: { groups: reasonsOf(fleet.groups), servers: reasonsOf(fleet.servers) },
      names: OUR_NAMES,
    })
  }

  /** Takes in the first message of a socket. */
  takeHello(hello: HelloMessage): void {
    this.clock.tickMs = hello.tickMs
    this.takeSnapshot(hello.fleet, hello.alerts)
    this.#streamNames = { groups: hello.poolColumns, servers: hello.serverColumns }
  }

  /** Takes in the names that the ticks of an epoch refer to. */
  takeCatalogue(catalogue: CatalogueMessage): void {
    if (catalogue.topic !== 'groups') return
    this.#streamEpoch = catalogue.epoch
    this.#identify(catalogue.groups, catalogue.servers)
  }

  /**
   * Takes in one tick.
   * @returns false when it refers to names that are not known, and changes nothing
   */
  takeTick(tick: TickMessage): boolean {
    if (tick.topic !== 'groups' || tick.epoch !== this.#streamEpoch) return false
    this.#write({ ...tick, names: this.#streamNames })
    return true
  }

  /** Takes in the whole truth about one server, which ticks carry in part. */
  takeServer(server: ServerNow): void {
    this.serverFacts.set(server.id, server)
    if (this.#numbers !== null) this.#show(this.#numbers)
  }

  /** Keeps the ticks of these pools from now on, and lets go of all others. */
  keepPools(ids: readonly string[]): void {
    this.#poolIds = ids
    this.pools.setIds(ids, this.clock.newest)
  }

  /** Takes in what a group's message says of those of its pools that are kept. */
  takePools(pools: readonly PoolNow[], atMs: number): void {
    const tick = this.clock.tickAt(atMs)
    if (tick === null || this.#poolIds.length === 0) return
    for (const pool of pools) {
      if (!this.#poolIds.includes(pool.id)) continue
      for (const name of POOL_COLUMNS) {
        const old = pool.stale && !VERDICTS.has(name)
        this.pools.fill(pool.id, name, tick, old ? null : poolValue(pool, name, atMs))
      }
    }
  }

  /** The ring of a kind of series. */
  table(kind: SeriesSource['kind']): SeriesTable<string> {
    return kind === 'group' ? this.groups : kind === 'pool' ? this.pools : this.servers
  }

  /** Writes history into the ring of one series; what the ring has of those moments is replaced. */
  mergeHistory({ kind, id }: SeriesSource, history: History): void {
    const table = this.table(kind)
    history.atMs.forEach((atMs, row) => {
      const tick = this.clock.tickAt(atMs)
      if (tick === null) return
      for (const column of Object.keys(history.columns)) {
        table.fill(id, column, tick, history.columns[column]?.[row])
      }
    })
  }

  /** Writes history into the sparklines of a column that is in use. */
  mergeFleetHistory(column: PoolColumn, history: FleetHistory): void {
    this.sparks.get(column)?.merge(history)
  }

  #identify(groups: readonly GroupIdentity[], servers: readonly ServerIdentity[]): void {
    const before = this.#who
    const same =
      before !== NOBODY &&
      sameIds(before.groups, groups) &&
      sameIds(before.servers, servers) &&
      this.#epoch > 0
    const groupIds = groups.map((group) => group.id)
    this.#who = { groups, servers, groupIds, indexOf: new Map(groupIds.map((id, index) => [id, index])) }
    if (same) return
    this.#epoch += 1
    this.groups.setIds(groupIds, this.clock.newest)
    this.servers.setIds(
      servers.map((server) => server.id),
      this.clock.newest,
    )
    for (const spark of this.sparks.values()) spark.keepOnly(groupIds)
    const there = new Set(servers.map((server) => server.id))
    for (const id of this.serverFacts.keys()) if (!there.has(id)) this.serverFacts.delete(id)
  }

  #write(numbers: Numbers): void {
    let place = this.clock.advance(numbers.atMs)
    if (place === null) {
      this.clock.clear()
      this.groups.clear()
      this.servers.clear()
      this.pools.clear()
      for (const spark of this.sparks.values()) spark.clear()
      place = this.clock.advance(numbers.atMs)
    }
    if (place === null) return
    const { tick, skipped } = place
    for (let gap = Math.max(tick - skipped, this.clock.oldest); gap < tick; gap++) {
      this.groups.clearTick(gap)
      this.servers.clearTick(gap)
      this.pools.clearTick(gap)
    }
    // Written by the message that follows the tick; without one the ring would still have what was there before.
    this.pools.clearTick(tick)
    this.groups.write(tick, numbers.groups, numbers.names.groups)
    this.servers.write(tick, numbers.servers, numbers.names.servers)
    for (const [column, spark] of this.sparks) this.#writeSpark(column, spark, numbers)
    this.#show(numbers)
  }

  /** Lets sparklines show another time; those that there are start anew. */
  showSparks(window: SparkWindow): void {
    this.sparkWindow = window
    const columns = [...this.sparks.keys()]
    this.sparks.clear()
    for (const column of columns) this.keepSparks(column)
  }

  /** Starts to keep the sparklines of a column; the newest tick is their first point. */
  keepSparks(column: PoolColumn): void {
    if (this.sparks.has(column)) return
    const spark = new SparkTable(this.sparkWindow)
    this.sparks.set(column, spark)
    if (this.#numbers !== null) this.#writeSpark(column, spark, this.#numbers)
  }

  #writeSpark(column: PoolColumn, spark: SparkTable, { atMs, groups, names }: Numbers): void {
    const values = groups[names.groups.indexOf(column)]
    const stale = groups[names.groups.indexOf('stale')]
    if (values !== undefined) spark.write(atMs, this.#who.groupIds, values, stale)
  }

  #show(numbers: Numbers): void {
    this.#numbers = numbers
    const reasons = new Map(numbers.reasons.servers)
    this.view = new FleetView(
      {
        atMs: numbers.atMs,
        epoch: this.#epoch,
        droppedTotal: numbers.droppedTotal,
        alerts: numbers.alerts,
        groups: this.#who.groups,
        groupColumns: numbers.groups,
        groupNames: numbers.names.groups,
        groupReasons: new Map(numbers.reasons.groups),
        servers: this.#who.servers.map((identity, index) =>
          serverAt(identity, {
            atMs: numbers.atMs,
            read: (column) => numbers.servers[numbers.names.servers.indexOf(column)]?.[index] ?? null,
            reason: reasons.get(index) ?? null,
            facts: this.serverFacts.get(identity.id),
          }),
        ),
      },
      this.#who.indexOf,
    )
  }
}

function sameIds(before: readonly { id: string }[], after: readonly { id: string }[]): boolean {
  return before.length === after.length && before.every((one, index) => one.id === after[index]?.id)
}
