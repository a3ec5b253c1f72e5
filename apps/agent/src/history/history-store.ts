import type { HistoryAggregate, HistoryStoreStatus } from '@poolscope/protocol'

/** What a series is of. */
export type SeriesKind = 'pool' | 'group' | 'server'

/** One pool, group or server whose numbers are kept. */
export type SeriesOf = {
  kind: SeriesKind
  id: string
  /** Names of its columns, in the order of its numbers. */
  columns: readonly string[]
  /** Who it is, kept as it was last; without secrets. */
  about: Readonly<Record<string, unknown>>
}

/** The numbers of one tick. */
export type HistoryTick = {
  atMs: number
  /** The same array as in the tick before where nothing came, went or changed its name. */
  series: readonly SeriesOf[]
  /** The columns of each series in turn; NaN is not known. */
  values: Float64Array
}

/** A range, and in how many rows at most. */
export type RangeQuery = { fromMs: number; toMs: number; points: number; aggregate: HistoryAggregate }

/** Rows of a range: row i is at `fromSec + i * stepSec`. NaN where there is nothing. */
export type Range<Key extends string> = {
  fromSec: number
  stepSec: number
  rows: number
  columns: Record<Key, Float64Array>
}

/** What the fleet itself remembers of one series; columns by name, NaN is not known. */
export type RecentRows = { times: Float64Array; columns: ReadonlyMap<string, Float64Array> }

/** An answer as it is sent, and a tag of what is in it. */
export type HistoryBody = { json: Uint8Array; tag: string }

/** A document of a kind, such as an annotation; `json` is kept as it is. */
export type HistoryRecord = { id: string; atMs: number; json: string }

/** What was true of a series at a moment: the row that was the last one then. */
export type SeriesAt = Omit<SeriesOf, 'columns'> & { atSec: number; values: Record<string, number> }

/** Keeps what was true. Everything but `append` may throw HistoryError while the store cannot be used. */
export type HistoryStore = {
  /** Takes in a tick; never throws and never waits. What cannot be kept is counted in the status. */
  append(tick: HistoryTick): void
  /**
   * All columns of one series; null when it has no past.
   * @param recent takes the place of rows that were lost
   * @throws AbortError
   */
  series(
    kind: SeriesKind,
    id: string,
    query: RangeQuery,
    recent: RecentRows | undefined,
    signal: AbortSignal,
  ): Promise<HistoryBody | null>
  /** One column of all series of a kind that have a row in the range, by their ids. @throws AbortError */
  column(
    kind: SeriesKind,
    column: string,
    query: RangeQuery,
    recents: ReadonlyMap<string, RecentRows>,
    signal: AbortSignal,
  ): Promise<HistoryBody>
  /** False when a tick of a time or later may have been lost. */
  hasAllSince(atMs: number): boolean
  /** Keeps a document, in the place of one with the same kind and id. */
  putRecord(kind: string, id: string, atMs: number, json: string): Promise<void>
  /** Documents of a kind by time, oldest first, both ends included; the newest 1,000 where there are more. */
  records(kind: string, fromMs: number, toMs: number): Promise<HistoryRecord[]>
  /** The last row of every series at a moment. */
  at(atMs: number): Promise<SeriesAt[]>
  /** Copies a range into a new store in an empty directory. */
  copyTo(dir: string, fromMs: number, toMs: number): Promise<void>
  status(): HistoryStoreStatus
  close(): Promise<void>
}
