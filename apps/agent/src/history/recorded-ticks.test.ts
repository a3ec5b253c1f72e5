import { type TempDir, tempDir } from '@poolscope/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blockOf } from './chunk.ts'
import { ChunkStore } from './chunk-store.ts'
import type { SeriesOf } from './history-store.ts'
import { rolledNames } from './kinds.ts'
import { recordedTicks } from './recorded-ticks.ts'
import { DEFAULT_BUDGET_BYTES, DEFAULT_TIERS } from './tiers.ts'

/** Begin of a row of every tier. */
const T0 = 1_699_999_200
const NAMES = ['inUse', 'inUsePeak'] as const
const A: SeriesOf = { kind: 'group', id: 'a', columns: NAMES, about: { service: 'a' } }
const B: SeriesOf = { kind: 'group', id: 'b', columns: NAMES, about: { service: 'b' } }

let dir: TempDir
let store: ChunkStore
beforeAll(async () => {
  dir = await tempDir()
  store = new ChunkStore({ dir: dir.path, tiers: DEFAULT_TIERS, budgetBytes: DEFAULT_BUDGET_BYTES })
  // Two minutes of which only rows of a minute are left.
  const minutes = Float64Array.of(T0, T0 + 60)
  const value: Record<string, number[]> = {
    ticks: [60, 60],
    'inUse.max': [9, 9],
    'inUse.avg': [4, 5],
    'inUse.min': [1, 1],
    'inUsePeak.max': [10, 10],
  }
  const rolled = rolledNames(NAMES)
  const columns = new Map(rolled.map((name) => [name, Float64Array.from(value[name] ?? [])]))
  store.put({ of: A, stepSec: 60, block: blockOf(minutes, columns), names: rolled })
  // Then seconds, of which the last are in no chunk yet: 3 s of one, a pause, and 2 s of both.
  const tick = (sec: number, series: SeriesOf[]) =>
    store.append({
      atMs: sec * 1000,
      series,
      values: Float64Array.from(series.flatMap(() => [sec - T0, 20])),
    })
  for (const sec of [120, 121, 122]) tick(T0 + sec, [A])
  store.flush()
  for (const sec of [200, 201]) tick(T0 + sec, [A, B])
})
afterAll(async () => {
  store.close()
  await dir.stop()
})

const ticksOf = (fromSec: number, toSec: number) =>
  [...recordedTicks(store.reader, (T0 + fromSec) * 1000, (T0 + toSec) * 1000)].map((tick) => ({
    sec: tick.atMs / 1000 - T0,
    forSec: tick.forMs / 1000,
    stepSec: tick.stepMs / 1000,
    inUse: Object.fromEntries(tick.series.map(({ id, values }) => [id, values.inUse])),
  }))

describe(recordedTicks, () => {
  it('tells long rows in pieces by their averages, then every second as it was, and nothing of what is missing', () => {
    expect(ticksOf(0, 300)).toEqual([
      ...[0, 10, 20, 30, 40, 50].map((sec) => ({ sec, forSec: 10, stepSec: 60, inUse: { a: 4 } })),
      ...[60, 70, 80, 90, 100, 110].map((sec) => ({ sec, forSec: 10, stepSec: 60, inUse: { a: 5 } })),
      ...[120, 121, 122].map((sec) => ({ sec, forSec: 1, stepSec: 1, inUse: { a: sec } })),
      ...[200, 201].map((sec) => ({ sec, forSec: 1, stepSec: 1, inUse: { a: sec, b: sec } })),
    ])
  })

  it('gives the largest of what has no average, and who each series is', () => {
    const [first] = recordedTicks(store.reader, T0 * 1000, (T0 + 10) * 1000)
    expect(first?.series).toEqual([
      { kind: 'group', id: 'a', about: { service: 'a' }, atSec: T0, values: { inUse: 4, inUsePeak: 10 } },
    ])
  })

  it('begins and ends within rows, and before its end', () => {
    expect(ticksOf(55, 121).map(({ sec, forSec }) => [sec, forSec])).toEqual([
      [55, 5],
      ...[60, 70, 80, 90, 100, 110].map((sec) => [sec, 10]),
      [120, 1],
    ])
    expect(ticksOf(123, 200)).toEqual([])
    expect(ticksOf(-500, 0)).toEqual([])
  })
})
