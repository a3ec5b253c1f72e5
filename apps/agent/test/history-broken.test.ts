import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { eventually, tempDir } from '@poolscope/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { ChunkStore } from '../src/history/chunk-store.ts'
import { Database, FILE_NAME, PAGE_BYTES } from '../src/history/database.ts'
import type { HistoryTick, SeriesOf } from '../src/history/history-store.ts'
import { DEFAULT_BUDGET_BYTES, DEFAULT_TIERS } from '../src/history/tiers.ts'
import { WorkerStore } from '../src/history/worker-store.ts'

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const one of undo.splice(0).toReversed()) await one()
})

const REST = { tiers: DEFAULT_TIERS, budgetBytes: DEFAULT_BUDGET_BYTES }
/** A chunk of five minutes begins here for the first series. */
const BEGIN_SEC = 1_700_000_100
const SECONDS = 1500
const ALL_ROWS = SECONDS * 4
const COLUMNS = Array.from({ length: 12 }, (_, i) => `c${i}`)
const SERIES: SeriesOf[] = ['a', 'b', 'c', 'd'].map((id) => ({
  kind: 'pool',
  id,
  columns: COLUMNS,
  about: {},
}))
const valueAt = (second: number, column: number) => (second * 7919 + column * 104_729) % 1009

function aTick(second: number): HistoryTick {
  const values = SERIES.flatMap(() => COLUMNS.map((_, column) => valueAt(second, column)))
  return { atMs: (BEGIN_SEC + second) * 1000, series: SERIES, values: Float64Array.from(values) }
}

/** A directory with 25 minutes of four pools, written and closed in order. */
async function written(): Promise<{ dir: string; file: string }> {
  const made = await tempDir()
  undo.push(() => made.stop())
  const store = new ChunkStore({ dir: made.path, ...REST })
  for (let second = 0; second < SECONDS; second++) {
    store.append(aTick(second))
    if (second % 10 === 0) store.housekeep()
  }
  store.flush()
  store.close()
  return { dir: made.path, file: join(made.path, FILE_NAME) }
}

async function opened(dir: string) {
  const repairs: string[] = []
  const store = await WorkerStore.open({
    ...REST,
    dir,
    now: Date.now,
    onChange: () => {},
    onRepair: (message) => repairs.push(message),
  })
  undo.push(() => store.close())
  const query = {
    fromMs: BEGIN_SEC * 1000,
    toMs: (BEGIN_SEC + SECONDS - 1) * 1000,
    points: 2000,
    aggregate: 'max',
  } as const
  /** The known rows of a column of a pool; each is checked to be what was written. */
  const rowsOf = async (id: string): Promise<number> => {
    const body = await store.series('pool', id, query, undefined, new AbortController().signal)
    if (body === null) return 0
    const { columns } = JSON.parse(Buffer.from(body.json).toString())
    const known = (columns.c3 as (number | null)[]).flatMap((value, second) =>
      value === null ? [] : [[second, value] as const],
    )
    for (const [second, value] of known) expect(value).toBe(valueAt(second, 3))
    return known.length
  }
  const allRows = async () => {
    let rows = 0
    for (const { id } of SERIES) rows += await rowsOf(id)
    return rows
  }
  return { store, repairs, allRows }
}

/** Overwrites bytes in the middle of pages. */
function scribble(file: string, pages: readonly number[], bytes: Uint8Array, at = 0): void {
  const handle = openSync(file, 'r+')
  for (const page of pages) writeSync(handle, bytes, 0, bytes.length, page * PAGE_BYTES + at)
  closeSync(handle)
}

/** It keeps ticks again, whatever was done to its file. */
async function keepsTicks(store: WorkerStore): Promise<void> {
  const before = store.status().storedTicksTotal
  for (let i = 0; i < 20; i++) store.append(aTick(SECONDS + i))
  await eventually(() => store.status().storedTicksTotal >= before + 10 && store.status().state === 'ok')
}

describe('a broken file of the history', () => {
  it('shows flipped bits of a chunk as gaps, counts them, and goes on', async () => {
    const { dir, file } = await written()
    const database = new Database(dir)
    const [row] = database.prepare('SELECT data FROM chunk_1 ORDER BY key LIMIT 1').all()
    database.close()
    const begin = Buffer.from(row?.[0] as Uint8Array).subarray(0, 200)
    const bytes = readFileSync(file)
    // An earlier copy of it may be in a page that is free now.
    for (let at = bytes.indexOf(begin); at >= 0; at = bytes.indexOf(begin, at + 1)) {
      bytes.writeUInt8((bytes[at + 150] as number) ^ 4, at + 150)
    }
    writeFileSync(file, bytes)
    const { store, repairs, allRows } = await opened(dir)
    const rows = await allRows()
    expect(rows).toBeLessThan(ALL_ROWS)
    // One chunk is of five minutes, and closed within ten seconds of their end.
    expect(rows).toBeGreaterThanOrEqual(ALL_ROWS - 310)
    await keepsTicks(store)
    await eventually(() => store.status().brokenPieces !== 0)
    expect(repairs).toEqual([])
  })

  it('begins a new file beside one whose header is broken, keeps that one, and says so', async () => {
    const { dir, file } = await written()
    scribble(file, [0], Buffer.alloc(16, 'x'))
    const { store, repairs, allRows } = await opened(dir)
    await eventually(() => repairs.length > 0)
    // The rest of it is whole.
    expect(await allRows()).toBe(ALL_ROWS)
    expect(repairs[0]).toMatch(
      /^The file of the history was broken and is kept in broken-\S+; a new one was begun/,
    )
    expect(store.status()).toMatchObject({ state: 'ok', repair: repairs[0] })
    const [name] = readdirSync(dir).filter((one) => one.startsWith('broken-'))
    expect(readdirSync(join(dir, name as string))).toContain(FILE_NAME)
    await keepsTicks(store)
  })

  it('takes over what can be read of a file that is cut off', async () => {
    const { dir, file } = await written()
    const { size } = statSync(file)
    // Half of it would leave nothing but ticks that are in chunks since.
    truncateSync(file, Math.floor((size / PAGE_BYTES) * 0.75) * PAGE_BYTES)
    const { store, repairs, allRows } = await opened(dir)
    await eventually(() => repairs.length > 0)
    expect(repairs[0]).toMatch(/: \d+ rows were taken over, and \d+ pieces could not be read\.$/)
    expect(await allRows()).toBeGreaterThan(0)
    await keepsTicks(store)
  })

  it.each([1, 2])('opens and goes on with pages of noise (run %i)', async (seed) => {
    const { dir, file } = await written()
    const pages = statSync(file).size / PAGE_BYTES
    const noise = Uint8Array.from({ length: PAGE_BYTES }, (_, i) => (i * 31 * seed) % 251)
    scribble(
      file,
      [2, 5, 9].map((page) => (page * seed) % (pages - 1)).map((page) => page + 1),
      noise,
    )
    const { store, allRows } = await opened(dir)
    // Whatever is left is what was written; that is checked row by row.
    await allRows()
    await keepsTicks(store)
  })
})
