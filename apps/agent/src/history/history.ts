import type {
  FleetHistory,
  History as HistoryAnswer,
  HistoryQuery,
  HistoryStoreStatus,
  PoolColumn,
} from '@poolscope/protocol'
import type { Fleet, Tick } from '../fleet/fleet.ts'
import type { RecentTicks } from '../fleet/recent-ticks.ts'
import { ColumnOnGrid } from './aggregate.ts'
import { Annotations } from './annotations.ts'
import { HistoryError } from './database.ts'
import type { HistoryStore, Range, RangeQuery, SeriesKind } from './history-store.ts'
import { Notice } from './notice.ts'
import { gridOf } from './plan.ts'
import { TickOf } from './tick-of.ts'
import { levelsOf } from './tiers.ts'

/** What is shown unless a range is named: as long as the fleet itself remembers. */
/** From the first row's begin to the last one's: as many rows of a second as there are points. */
const DEFAULT_RANGE_MS = 299_000
const DEFAULT_POINTS = 300
/** What the fleet remembers are seconds. */
const RECENT = levelsOf([{ stepMs: 1000, keepMs: Number.POSITIVE_INFINITY }])

/** What was true: from the store, and from the fleet's own last minutes where the store has nothing. */
export class History {
  readonly store: HistoryStore | null
  /** Null where nothing is kept. */
  readonly annotations: Annotations | null
  readonly #fleet: Fleet
  readonly #tickOf = new TickOf()
  readonly #notice = new Notice()

  /** @param store null keeps nothing beyond the fleet's last minutes */
  constructor(fleet: Fleet, store: HistoryStore | null) {
    this.#fleet = fleet
    this.store = store
    this.annotations = store === null ? null : new Annotations(store, () => fleet.nowMs)
  }

  /** How the store stands; `off` without one. */
  status(): HistoryStoreStatus {
    if (this.store !== null) return this.store.status()
    return {
      state: 'off',
      message: 'Nothing is kept beyond the last five minutes.',
      sinceMs: null,
      bytes: null,
      budgetBytes: 0,
      series: null,
      storedTicksTotal: 0,
      lostTicksTotal: 0,
      tiers: [],
    }
  }

  /** Keeps a tick, and marks what changed in it. */
  append(tick: Tick): void {
    if (this.store === null || this.annotations === null) return
    this.store.append(this.#tickOf.take(tick))
    for (const annotation of this.#notice.take(tick.fleet)) {
      // Whether marks are lost is what the status of the store says.
      this.annotations.put(annotation).catch(() => {})
    }
  }

  /** All columns of one series over a range; undefined when nothing was ever written for the id. */
  async of(
    kind: SeriesKind,
    id: string,
    query: HistoryQuery,
    signal: AbortSignal,
  ): Promise<HistoryAnswer | undefined> {
    const asked = this.#asked(query)
    const recent = this.#fleet.recent(id)
    const stored = this.#isRecent(asked, recent)
      ? null
      : await this.#ask((store) => store.series(kind, id, asked, signal))
    if (stored === null && recent === undefined) return undefined
    const range: Range<string> = stored ?? { ...recentGrid(asked), columns: {} }
    const names = stored === null ? (recent?.columns ?? []) : Object.keys(stored.columns)
    const columns = names.map((name): [string, (number | null)[]] => [
      name,
      joined(range.columns[name], recent, name, range, asked),
    ])
    return { ...answerOf(range, asked), columns: Object.fromEntries(columns) }
  }

  /** One column of every group that has a row in the range. */
  async ofGroups(column: PoolColumn, query: HistoryQuery, signal: AbortSignal): Promise<FleetHistory> {
    const asked = this.#asked(query)
    const ids = this.#fleet.groupIds()
    const recents = new Map(ids.flatMap((id) => entryOf(id, this.#fleet.recent(id))))
    const isRecent = recents.size > 0 && [...recents.values()].every((one) => this.#isRecent(asked, one))
    const stored = isRecent ? null : await this.#ask((store) => store.column('group', column, asked, signal))
    const range: Range<string> = stored ?? { ...recentGrid(asked), columns: {} }
    const shown = new Set([...Object.keys(range.columns), ...recents.keys()])
    const groups = [...shown].map((id): [string, (number | null)[]] => [
      id,
      joined(range.columns[id], recents.get(id), column, range, asked),
    ])
    return { ...answerOf(range, asked), column, groups: Object.fromEntries(groups) }
  }

  #asked(query: HistoryQuery): RangeQuery {
    const { times, nowMs } = this.#fleet
    const toMs = query.toMs ?? nowMs
    const first = times.count === 0 || this.store !== null ? 0 : times.at(times.first)
    const fromMs = query.fromMs ?? Math.max(toMs - DEFAULT_RANGE_MS, Math.min(first, toMs))
    return { fromMs, toMs, points: query.points ?? DEFAULT_POINTS, aggregate: query.aggregate ?? 'max' }
  }

  /** Whether the fleet itself remembers a range, so that the store need not be asked. */
  #isRecent({ fromMs }: RangeQuery, recent: RecentTicks | undefined): boolean {
    const { times } = this.#fleet
    return recent !== undefined && times.count > 0 && fromMs >= times.at(times.first)
  }

  /** What the store answers; null where there is none, or where it cannot be used. */
  async #ask<T>(read: (store: HistoryStore) => Promise<T>): Promise<T | null> {
    if (this.store === null) return null
    try {
      return await read(this.store)
    } catch (error) {
      if (error instanceof HistoryError) return null
      throw error
    }
  }
}

function entryOf(id: string, recent: RecentTicks | undefined): [string, RecentTicks][] {
  return recent === undefined ? [] : [[id, recent]]
}

function recentGrid(asked: RangeQuery) {
  return gridOf(asked, RECENT, asked.toMs / 1000)
}

function answerOf({ fromSec, stepSec, rows }: Range<string>, { fromMs, toMs }: RangeQuery) {
  const atMs = Array.from({ length: rows }, (_, row) => (fromSec + row * stepSec) * 1000)
  return { fromMs, toMs, stepMs: stepSec * 1000, atMs }
}

/** The stored rows of a column, and those of the last minutes where there are none. */
function joined(
  stored: Float64Array | undefined,
  recent: RecentTicks | undefined,
  name: string,
  { fromSec, stepSec, rows }: Range<string>,
  { aggregate }: RangeQuery,
): (number | null)[] {
  const onGrid = new ColumnOnGrid(name, aggregate, { fromSec, stepSec, rows })
  if (recent !== undefined) onGrid.add(recent, fromSec, fromSec + rows * stepSec)
  const fresh = onGrid.finish()
  return Array.from({ length: rows }, (_, row) => known(stored?.[row]) ?? known(fresh[row]))
}

function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}
