import type { FleetHistory, HistoryAggregate, PoolColumn } from '@poolscope/protocol'
import type { GroupDayColumn, ServerDayColumn } from '@poolscope/rules'
import type { HistoryStore, RangeQuery, SeriesKind } from '../history/history-store.ts'
import { type PastDay, STEP_MS, STEPS } from './day-window.ts'

/** The days of subjects before a moment, by id. */
export type PastDays = {
  groups: ReadonlyMap<string, PastDay<GroupDayColumn>>
  servers: ReadonlyMap<string, PastDay<ServerDayColumn>>
}

/** One column of all series of a kind: how many rows each has, and the rows by id; what is not known is NaN or null. */
export type ReadColumn = (
  kind: SeriesKind,
  column: string,
  query: RangeQuery,
  signal: AbortSignal,
) => Promise<ColumnRows>
type ColumnRows = {
  rows: number
  columns: Readonly<Record<string, ArrayLike<number | null>>>
}

/** Reads the columns of a store in use, as it answers them to everyone. */
export function columnsOf(store: Pick<HistoryStore, 'column'>): ReadColumn {
  return async (kind, column, query, signal) => {
    const { json } = await store.column(kind, column, query, new Map(), signal)
    const { atMs, groups } = JSON.parse(Buffer.from(json).toString('utf8')) as FleetHistory
    return { rows: atMs.length, columns: groups }
  }
}

/** Rows in one answer of the store: few enough that it answers of thousands of groups without a coarser step. */
const ROWS_AT_ONCE = STEPS / 4

/** Where each column of a day stands in the history; those of more than one column are added up. */
const GROUP_SOURCES: Readonly<Record<GroupDayColumn, [HistoryAggregate, ...PoolColumn[]]>> = {
  inUseMin: ['min', 'inUse'],
  inUsePeak: ['max', 'inUsePeak'],
  idleMin: ['min', 'idle'],
  max: ['max', 'max'],
  checkoutsPerSec: ['avg', 'checkoutsPerSec'],
  attemptsPerSec: ['avg', 'checkoutsPerSec', 'timeoutsPerSec', 'errorsPerSec'],
  holdP95Ms: ['avg', 'holdP95Ms'],
}
const SERVER_SOURCES: Readonly<Record<ServerDayColumn, [HistoryAggregate, 'total']>> = {
  total: ['max', 'total'],
}

/**
 * Reads the day before a moment of every group and server that history knows of. The step that goes on is left out.
 * @throws HistoryError while the store cannot be used, AbortError
 */
export async function pastDays(readColumn: ReadColumn, atMs: number, signal: AbortSignal): Promise<PastDays> {
  const untilStep = Math.floor(atMs / STEP_MS)
  const ask = (kind: SeriesKind, column: string, aggregate: HistoryAggregate, fromStep: number) =>
    readColumn(
      kind,
      column,
      {
        fromMs: fromStep * STEP_MS,
        toMs: (fromStep + ROWS_AT_ONCE) * STEP_MS - 1,
        points: ROWS_AT_ONCE,
        aggregate,
      },
      signal,
    )
  const read = async <Column extends string>(
    kind: SeriesKind,
    sources: Readonly<Record<Column, readonly [HistoryAggregate, ...string[]]>>,
  ): Promise<Map<string, PastDay<Column>>> => {
    const days = new Map<string, PastDay<Column>>()
    const names = Object.keys(sources) as Column[]
    for (let from = untilStep - STEPS; from < untilStep; from += ROWS_AT_ONCE) {
      for (const name of names) {
        const [aggregate, ...columns] = sources[name]
        const ranges: ColumnRows[] = []
        for (const column of columns) ranges.push(await ask(kind, column, aggregate, from))
        for (const id of new Set(ranges.flatMap((range) => Object.keys(range.columns)))) {
          const day = days.get(id) ?? emptyDay(names, untilStep - STEPS)
          days.set(id, day)
          fill(day.columns[name], from - day.fromStep, ranges, id)
        }
      }
    }
    return days
  }
  return { groups: await read('group', GROUP_SOURCES), servers: await read('server', SERVER_SOURCES) }
}

function emptyDay<Column extends string>(names: readonly Column[], fromStep: number): PastDay<Column> {
  const columns = names.map((name) => [name, new Float64Array(STEPS).fill(Number.NaN)])
  return { fromStep, columns: Object.fromEntries(columns) as PastDay<Column>['columns'] }
}

/** Writes the sums of one subject's rows, NaN where one of them is not known. A row that is longer than a step fills several. */
function fill(into: Float64Array, at: number, ranges: readonly ColumnRows[], id: string): void {
  for (let i = 0; i < ROWS_AT_ONCE; i++) {
    let sum = 0
    for (const { rows, columns } of ranges) {
      const row = Math.floor((i * rows) / ROWS_AT_ONCE)
      sum += columns[id]?.[row] ?? Number.NaN
    }
    into[at + i] = sum
  }
}
