import type { HistoryQuery, HistoryStoreStatus, PoolColumn } from '@poolscope/protocol'
import type { Fleet } from '../fleet/fleet.ts'
import type { Tick } from '../fleet/fleet-series.ts'
import type { RecentTicks } from '../fleet/recent-ticks.ts'
import { Annotations } from './annotations.ts'
import { columnBody, seriesBody } from './answers.ts'
import { HistoryError } from './database.ts'
import type { HistoryBody, HistoryStore, Range, RangeQuery, RecentRows, SeriesKind } from './history-store.ts'
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
      repair: null,
      brokenPieces: null,
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
  ): Promise<HistoryBody | undefined> {
    const asked = this.#asked(query)
    const recent = this.#fleet.recent(id)
    if (!this.#isRecent(asked, recent)) {
      const lacking = this.#isWhole() ? undefined : rowsOf(recent)
      const stored = await this.#ask((store) => store.series(kind, id, asked, lacking, signal))
      if (stored !== null) return stored
    }
    if (recent === undefined) return undefined
    return seriesBody(recentGrid(asked), rowsOf(recent), asked)
  }

  /** One column of every group that has a row in the range. */
  async ofGroups(column: PoolColumn, query: HistoryQuery, signal: AbortSignal): Promise<HistoryBody> {
    const asked = this.#asked(query)
    const recents = this.#fleet.groupIds().flatMap((id) => entryOf(id, this.#fleet.recent(id)))
    const rows = () => new Map(recents.map(([id, recent]) => [id, rowsOf(recent, [column])]))
    const isRecent = recents.length > 0 && recents.every(([, recent]) => this.#isRecent(asked, recent))
    if (!isRecent) {
      const lacking = this.#isWhole() ? new Map<string, RecentRows>() : rows()
      const stored = await this.#ask((store) => store.column('group', column, asked, lacking, signal))
      if (stored !== null) return stored
    }
    return columnBody(recentGrid(asked), column, rows(), asked)
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

  /** Whether the store has every tick that the fleet remembers. */
  #isWhole(): boolean {
    const { times } = this.#fleet
    return this.store === null || times.count === 0 || this.store.hasAllSince(times.at(times.first))
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

function rowsOf(recent: RecentTicks, columns?: readonly string[]): RecentRows
function rowsOf(recent: RecentTicks | undefined): RecentRows | undefined
function rowsOf(recent: RecentTicks | undefined, columns = recent?.columns): RecentRows | undefined {
  if (recent === undefined) return undefined
  const known = (columns ?? []).flatMap((name): [string, Float64Array][] => {
    const values = recent.column(name)
    return values === null ? [] : [[name, values]]
  })
  return { times: recent.times, columns: new Map(known) }
}

function recentGrid(asked: RangeQuery): Range<string> {
  return { ...gridOf(asked, RECENT, asked.toMs / 1000), columns: {} }
}
