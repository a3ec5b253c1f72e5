import {
  type Fleet as FleetAnswer,
  type GroupNow,
  POOL_COLUMNS,
  type PoolColumn,
  type PoolNow,
  SERVER_COLUMNS,
  type ServerNow,
} from '@poolscope/protocol'
import { poolRow, type Row, rowWithGaps, serverRow } from './columns.ts'
import { RecentTicks } from './recent-ticks.ts'
import { SeriesRing, TickTimes } from './tick-ring.ts'

/** Where each column of a pool stands in its rows. */
const POOL_PLACES = Object.fromEntries(POOL_COLUMNS.map((name, index) => [name, index])) as Record<
  PoolColumn,
  number
>

/** A closed tick: everything, and its numbers in column order, one row each in the same order. */
export type Tick = { fleet: FleetAnswer; rows: { pools: Row[]; groups: Row[]; servers: Row[] } }

/** The last ticks of every pool, group and server. */
export class FleetSeries {
  readonly times = new TickTimes()
  readonly #tickMs: number
  #rings = new Map<string, SeriesRing>()

  /** @param tickMs time between ticks, ms */
  constructor(tickMs: number) {
    this.#tickMs = tickMs
  }

  /** Writes every series' next entry; series of what is no more are dropped. */
  write(fleet: FleetAnswer, atMs: number): Tick['rows'] {
    const tick = this.times.count
    this.times.push(atMs)
    const writeRow = (columns: readonly string[]) => (now: PoolNow | GroupNow | ServerNow, row: Row) => {
      this.#ring(now.id, columns.length, tick).write(tick, rowWithGaps(row, columns, now.stale))
      return row
    }
    const writePool = writeRow(POOL_COLUMNS)
    const writeServer = writeRow(SERVER_COLUMNS)
    const rows = {
      pools: fleet.pools.map((now) => writePool(now, poolRow(now, atMs))),
      groups: fleet.groups.map((now) => writePool(now, poolRow(now, atMs))),
      servers: fleet.servers.map((now) => writeServer(now, serverRow(now, atMs))),
    }
    const alive = new Set([...fleet.pools, ...fleet.groups, ...fleet.servers].map((now) => now.id))
    for (const id of this.#rings.keys()) if (!alive.has(id)) this.#rings.delete(id)
    return rows
  }

  /** Forgets one series. */
  drop(id: string): void {
    this.#rings.delete(id)
  }

  /** One column after another of a pool or a group, tick by tick, oldest first; empty when nothing was written. */
  of(id: string): {
    stepMs: number
    length: number
    at(column: PoolColumn, index: number): number | null
  } {
    const ring = this.#rings.get(id)
    const { first, count } = this.times
    return {
      stepMs: this.#tickMs,
      length: ring === undefined ? 0 : count - first,
      at: (column, index) => ring?.at(first + index, POOL_PLACES[column]) ?? null,
    }
  }

  /** The last ticks of one series with their times; undefined when nothing was written for the id. */
  recent(id: string, columns: readonly string[]): RecentTicks | undefined {
    const ring = this.#rings.get(id)
    return ring === undefined ? undefined : new RecentTicks(this.times, ring, columns)
  }

  #ring(id: string, columns: number, tick: number): SeriesRing {
    let ring = this.#rings.get(id)
    if (ring === undefined) {
      ring = new SeriesRing(columns, tick)
      this.#rings.set(id, ring)
    }
    return ring
  }
}
