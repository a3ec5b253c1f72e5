import { createHash } from 'node:crypto'
import { ColumnOnGrid, RowsOnGrid } from './aggregate.ts'
import { blockOf } from './chunk.ts'
import type { HistoryBody, Range, RangeQuery, RecentRows } from './history-store.ts'
import { JsonBytes } from './json-bytes.ts'

/** All columns of one series as the `History` of the protocol; what the store lacks is taken from the last minutes. */
export function seriesBody(
  range: Range<string>,
  recent: RecentRows | undefined,
  asked: RangeQuery,
): HistoryBody {
  const names = new Set([...Object.keys(range.columns), ...(recent?.columns.keys() ?? [])])
  const columns = [...names].map((name): [string, Float64Array] => [
    name,
    joined(range.columns[name], recent, name, range, asked),
  ])
  return bodyOf(range, asked, '"columns":', columns)
}

/** One column of many groups, as the `FleetHistory` of the protocol. */
export function columnBody(
  range: Range<string>,
  column: string,
  recents: ReadonlyMap<string, RecentRows>,
  asked: RangeQuery,
): HistoryBody {
  const ids = new Set([...Object.keys(range.columns), ...recents.keys()])
  const groups = [...ids].map((id): [string, Float64Array] => [
    id,
    joined(range.columns[id], recents.get(id), column, range, asked),
  ])
  return bodyOf(range, asked, `"column":${JSON.stringify(column)},"groups":`, groups)
}

/** The stored rows of a column, and those of the last minutes where there are none. */
function joined(
  stored: Float64Array | undefined,
  recent: RecentRows | undefined,
  name: string,
  grid: Range<string>,
  { aggregate }: RangeQuery,
): Float64Array {
  if (stored !== undefined && recent === undefined) return stored
  const onGrid = new ColumnOnGrid(name, aggregate, grid)
  if (recent !== undefined) {
    const endSec = grid.fromSec + grid.rows * grid.stepSec
    onGrid.add(new RowsOnGrid(blockOf(recent.times, recent.columns), grid, grid.fromSec, endSec))
  }
  const fresh = onGrid.finish()
  return stored === undefined
    ? fresh
    : stored.map((value, row) => (Number.isNaN(value) ? (fresh[row] as number) : value))
}

function bodyOf(
  { fromSec, stepSec, rows }: Range<string>,
  { fromMs, toMs }: RangeQuery,
  before: string,
  columns: readonly [string, Float64Array][],
): HistoryBody {
  const out = new JsonBytes()
  out.text(`{"fromMs":${fromMs},"toMs":${toMs},"stepMs":${stepSec * 1000},"atMs":`)
  out.numbers(Float64Array.from({ length: rows }, (_, row) => (fromSec + row * stepSec) * 1000))
  out.text(`,${before}{`)
  for (const [i, [name, values]] of columns.entries()) {
    out.text(`${i === 0 ? '' : ','}${JSON.stringify(name)}:`)
    out.numbers(values)
  }
  out.text('}}')
  const json = out.view()
  return { json, tag: createHash('sha256').update(json).digest('base64url').slice(0, 22) }
}
