import type {
  HistoryBody,
  HistoryRecord,
  RangeQuery,
  RecentRows,
  SeriesAt,
  SeriesKind,
  SeriesOf,
} from './history-store.ts'
import type { Tier } from './tiers.ts'

/** What the thread of the store is started with. */
export type WorkerStart = { dir: string; tiers: readonly Tier[]; budgetBytes: number }

/** What is asked of the store, by name. */
export type Calls = {
  series: [
    [kind: SeriesKind, id: string, query: RangeQuery, recent: RecentRows | undefined],
    HistoryBody | null,
  ]
  column: [
    [kind: SeriesKind, column: string, query: RangeQuery, recents: ReadonlyMap<string, RecentRows>],
    HistoryBody,
  ]
  putRecord: [[kind: string, record: HistoryRecord], null]
  at: [[atMs: number], SeriesAt[]]
  copyTo: [[dir: string, fromMs: number, toMs: number], null]
  records: [[kind: string, fromMs: number, toMs: number], HistoryRecord[]]
}

/** To the thread. A tick is of the series that were named last. */
export type ToWorker =
  | { type: 'series'; series: readonly SeriesOf[] }
  | { type: 'tick'; atMs: number; values: Float64Array }
  | { [Name in keyof Calls]: { type: 'call'; call: number; name: Name; args: Calls[Name][0] } }[keyof Calls]
  | { type: 'cancel'; call: number }
  | { type: 'close' }

/** What the store is like after a tick; `facts` is null while it cannot be used. */
export type WorkerFacts = {
  bytes: number
  series: number
  /** Pieces that were asked for since the file was opened, and are not what was written. */
  brokenPieces: number
  tiers: { stepMs: number; keepMs: number; bytes: number; cutMs: number }[]
}

/** From the thread: one `tick` for each tick, in order; one `answer` for each call that was not cancelled. */
export type FromWorker =
  | { type: 'tick'; failure: string | null; facts: WorkerFacts | null }
  | { type: 'answer'; call: number; value: unknown }
  | { type: 'failed'; call: number; message: string }
  | { type: 'repaired'; message: string }
  | { type: 'opened'; failure: string | null; facts: WorkerFacts | null }
