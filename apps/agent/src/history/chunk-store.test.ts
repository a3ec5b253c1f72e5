import { statSync } from 'node:fs'
import { tempDir } from '@poolscope/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { ChunkStore, type ChunkStoreOptions } from './chunk-store.ts'
import type { HistoryTick, RangeQuery, SeriesOf } from './history-store.ts'
import { DEFAULT_BUDGET_BYTES, DEFAULT_TIERS } from './tiers.ts'

/** A whole day begins here. */
const DAY_SEC = 1_699_920_000
const COLUMNS = ['inUse', 'waitP95Ms', 'waitP99Ms', 'checkoutsPerSec'] as const

const undo: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const one of undo.splice(0).toReversed()) await one()
})

async function newDir(): Promise<string> {
  const dir = await tempDir()
  undo.push(() => dir.stop())
  return dir.path
}

function open(dir: string, over: Partial<ChunkStoreOptions> = {}): ChunkStore {
  const store = new ChunkStore({ dir, tiers: DEFAULT_TIERS, budgetBytes: DEFAULT_BUDGET_BYTES, ...over })
  undo.push(() => store.close())
  return store
}

const aSeries = (id: string): SeriesOf => ({ kind: 'pool', id, columns: COLUMNS, about: { name: id } })
const rosters = new Map<string, SeriesOf[]>()
function aTick(atSec: number, rows: Record<string, readonly (number | null)[]>): HistoryTick {
  const key = Object.keys(rows).join()
  const series = rosters.get(key) ?? Object.keys(rows).map(aSeries)
  rosters.set(key, series)
  const values = Object.values(rows).flatMap((row) =>
    row.map((value) => (value === null ? Number.NaN : value)),
  )
  return { atMs: atSec * 1000 + 3, series, values: Float64Array.from(values) }
}

function run<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}
function read(store: ChunkStore, id: string, over: Partial<RangeQuery> & { fromSec: number; toSec: number }) {
  const { fromSec, toSec, ...query } = over
  const range = {
    fromMs: fromSec * 1000,
    toMs: toSec * 1000,
    points: 100_000,
    aggregate: 'max' as const,
    ...query,
  }
  return run(store.reader.readSeries('pool', id, range))
}
/** Rows that are known, by their time. */
function known(store: ChunkStore, id: string, column: string, fromSec: number, toSec: number) {
  const range = read(store, id, { fromSec, toSec })
  const found = new Map<number, number>()
  range?.columns[column]?.forEach((value, row) => {
    if (!Number.isNaN(value)) found.set(range.fromSec + row * range.stepSec, value)
  })
  return found
}

/** Repeatable numbers in [0, 1). */
function repeatable(seed: number) {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

describe(ChunkStore, () => {
  it.each([1, 2, 3])('has every tick as a plain list has it, whatever happens (run %i)', async (seed) => {
    const random = repeatable(seed)
    const dir = await newDir()
    let store = open(dir)
    const model = new Map<string, Map<number, number>>()
    let atSec = DAY_SEC
    let latest = atSec
    for (let i = 0; i < 2000; i++) {
      const chance = random()
      if (chance < 0.002) {
        store.close()
        store = open(dir)
      } else if (chance < 0.004) atSec += Math.floor(random() * 1000)
      else if (chance < 0.006) atSec -= Math.floor(random() * 700)
      else if (chance < 0.95) atSec += 1
      latest = Math.max(latest, atSec)
      const here = ['a', 'b', 'c'].filter((_, pool) => (Math.floor(i / 200) + pool) % 3 !== 0)
      const rows = here.map(
        (id) => [id, [random() < 0.05 ? null : Math.floor(random() * 20), 1.5, 3, 10]] as const,
      )
      store.append(aTick(atSec, Object.fromEntries(rows)))
      if (i % 10 === 0) store.housekeep()
      for (const [id, [inUse]] of rows) {
        const times = model.get(id) ?? new Map<number, number>()
        if (inUse === null || inUse === undefined) times.delete(atSec)
        else times.set(atSec, inUse)
        model.set(id, times)
      }
    }
    for (const [id, times] of model) {
      const found = known(store, id, 'inUse', DAY_SEC - 10_000, latest)
      expect([...found].toSorted()).toEqual([...times].toSorted())
    }
  })

  it('reads rows that no transaction has closed after a restart, and those that one has, once', async () => {
    const dir = await newDir()
    const first = open(dir)
    for (let i = 0; i < 1000; i++) {
      first.append(aTick(DAY_SEC + i, { a: [i, null, null, 1] }))
      first.housekeep()
    }
    first.close()
    const again = open(dir)
    const found = known(again, 'a', 'inUse', DAY_SEC, DAY_SEC + 999)
    expect([...found]).toEqual(Array.from({ length: 1000 }, (_, i) => [DAY_SEC + i, i]))
  })

  it('rolls up by the kind of each column, and keeps a spike of one second', async () => {
    const store = open(await newDir())
    for (let i = 0; i < 12 * 3600; i += 5) {
      // Ticks of 4 and 8 in turn; percentiles of times with 30 and with 10 checkouts a second.
      const busy = i % 10 === 0
      const inUse = i === 7000 ? 19 : busy ? 4 : 8
      store.append(aTick(DAY_SEC + i, { a: [inUse, busy ? 2 : 6, busy ? 5 : 9, busy ? 30 : 10] }))
      if (i % 10 === 0) store.housekeep()
    }
    store.housekeep()
    const toSec = DAY_SEC + 12 * 3600 - 5
    const ask = (aggregate: 'max' | 'avg' | 'min', points = 12) =>
      read(store, 'a', { fromSec: DAY_SEC, toSec, points, aggregate })
    const max = ask('max')
    expect([max?.fromSec, max?.stepSec, max?.rows]).toEqual([DAY_SEC, 3600, 12])
    // second 7000 is in the second hour
    expect(max?.columns.inUse).toEqual(new Float64Array(12).fill(8).fill(19, 1, 2))
    expect(max?.columns.waitP99Ms).toEqual(new Float64Array(12).fill(9))
    // (2 · 30 + 6 · 10) / 40 = 3
    expect(ask('avg')?.columns.waitP95Ms).toEqual(new Float64Array(12).fill(3))
    expect(ask('avg')?.columns.checkoutsPerSec).toEqual(new Float64Array(12).fill(20))
    // (4 + 8) / 2 = 6; the spike adds 15 to a sum of 720 ticks, and 15 / 720 = 0.02
    expect(ask('avg')?.columns.inUse).toEqual(new Float64Array(12).fill(6).fill(6.02, 1, 2))
    // An average of largest ones is none: what there is, is the largest.
    expect(ask('avg')?.columns.waitP99Ms).toEqual(new Float64Array(12).fill(9))
    expect(ask('min')?.columns.inUse).toEqual(new Float64Array(12).fill(4))
    expect(ask('min')?.columns.checkoutsPerSec).toEqual(new Float64Array(12).fill(10))
    expect(ask('min')?.columns.waitP95Ms).toEqual(new Float64Array(12).fill(Number.NaN))
    // Seconds are kept for six hours; before that, ten of them at best.
    expect(read(store, 'a', { fromSec: DAY_SEC, toSec: DAY_SEC + 599 })?.stepSec).toBe(10)
    expect(read(store, 'a', { fromSec: toSec - 599, toSec })?.stepSec).toBe(1)
    const [raw, tens] = store.facts().tiers
    expect(raw?.cutMs).toBe((toSec - 6 * 3600) * 1000)
    expect(tens?.bytes).toBeGreaterThan(500)
  }, 240_000)

  it('answers at most the rows that were asked for, with gaps where there is nothing', async () => {
    const store = open(await newDir())
    for (const i of [0, 1, 2, 57, 58, 59]) store.append(aTick(DAY_SEC + i, { a: [i, null, null, null] }))
    const range = read(store, 'a', { fromSec: DAY_SEC, toSec: DAY_SEC + 59, points: 7 })
    expect(range?.columns.inUse).toEqual(
      Float64Array.of(2, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 59),
    )
    expect(read(store, 'never', { fromSec: DAY_SEC, toSec: DAY_SEC })).toBeNull()
  })

  it('keeps both sides of a clock that is set back, the later tick of a second lived twice', async () => {
    const dir = await newDir()
    const store = open(dir)
    const live = (from: number, to: number, value: number) => {
      for (let i = from; i < to; i++) {
        store.append(aTick(DAY_SEC + i, { a: [value, null, null, null] }))
        if (i % 10 === 0) store.housekeep()
      }
    }
    live(0, 4000, 1)
    live(1000, 1500, 2)
    store.close()
    const again = open(dir)
    const found = known(again, 'a', 'inUse', DAY_SEC, DAY_SEC + 4000)
    expect(found.size).toBe(4000)
    for (const [at, value] of found) expect(value).toBe(at >= DAY_SEC + 1000 && at < DAY_SEC + 1500 ? 2 : 1)
  })

  it('does not remove the past because a clock is a year ahead for a while', async () => {
    const store = open(await newDir())
    const live = (from: number, seconds: number) => {
      for (let i = 0; i < seconds; i++) {
        store.append(aTick(from + i, { a: [1, null, null, null] }))
        if (i % 10 === 0) store.housekeep()
      }
    }
    live(DAY_SEC, 1000)
    live(DAY_SEC + 400 * 86_400, 1000)
    live(DAY_SEC + 1000, 1000)
    expect(known(store, 'a', 'inUse', DAY_SEC, DAY_SEC + 1999).size).toBe(2000)
  })

  it('obeys its budget, the oldest seconds first', async () => {
    const budgetBytes = 16 << 20
    const store = open(await newDir(), { budgetBytes })
    const random = repeatable(5)
    const ids = Array.from({ length: 40 }, (_, i) => `p${i}`)
    let most = 0
    for (let i = 0; i < 12_000; i++) {
      const row = () => [random() * 1e9, random() * 1e9, random() * 1e9, random() * 1e9]
      store.append(aTick(DAY_SEC + i, Object.fromEntries(ids.map((id) => [id, row()]))))
      if (i % 10 !== 0) continue
      store.housekeep()
      most = Math.max(most, store.facts().bytes)
    }
    expect(most).toBeLessThanOrEqual(budgetBytes)
    const [raw] = store.facts().tiers
    expect(raw?.cutMs).toBeGreaterThan(DAY_SEC * 1000)
    // 80 minutes of seconds stay in any case: the next tier is made of them.
    expect(raw?.cutMs).toBeLessThanOrEqual((DAY_SEC + 12_000 - 4800) * 1000)
  }, 240_000)

  it('keeps documents by time and replaces those of the same id', async () => {
    const dir = await newDir()
    const store = open(dir)
    store.records.put('note', { id: 'b', atMs: 2000, json: '"old"' })
    store.records.put('note', { id: 'a', atMs: 1000, json: '1' })
    store.records.put('note', { id: 'b', atMs: 3000, json: '"new"' })
    store.records.put('other', { id: 'c', atMs: 1000, json: '3' })
    store.close()
    const again = open(dir)
    expect(again.records.range('note', 0, 3000)).toEqual([
      { id: 'a', atMs: 1000, json: '1' },
      { id: 'b', atMs: 3000, json: '"new"' },
    ])
    expect(again.records.range('note', 0, 2999)).toHaveLength(1)
    expect(again.records.range('note', 0, 3000, 1)).toMatchObject([{ id: 'b' }])
  })

  it('refuses a directory that is in use, and files that only their owner may read', async () => {
    const dir = `${await newDir()}/new`
    const store = open(dir)
    store.append(aTick(DAY_SEC, { a: [1, 1, 1, 1] }))
    expect(() => open(dir)).toThrow(expect.objectContaining({ code: 'in_use' }))
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    for (const name of ['history.db', 'history.db-wal'])
      expect(statSync(`${dir}/${name}`).mode & 0o777).toBe(0o600)
  })
})
