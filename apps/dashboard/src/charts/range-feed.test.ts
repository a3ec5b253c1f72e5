import type { History } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { fixedRange, liveRange, type TimeRange } from '../lib/time-range.ts'
import { FakeEnvironment } from '../live/fake-environment.ts'
import { catalogueOf, helloOf, tickOf } from '../live/fake-messages.ts'
import { LiveStore } from '../live/live-store.ts'
import { csvOf } from './chart-csv.ts'
import { ChartModel } from './chart-model.ts'
import { summarize } from './chart-summary.ts'
import type { ChartSeries } from './chart-types.ts'
import { RangeFeed } from './range-feed.ts'
import { FORMATS, valueText } from './value-format.ts'

const SERIES: readonly ChartSeries[] = [
  { key: 'used', label: 'in use', column: 'inUse', color: 'red', kind: 'area' },
  { key: 'idle', label: 'idle', column: 'idle', color: 'red', kind: 'area' },
]

function live(range: TimeRange) {
  const env = new FakeEnvironment()
  // Whole minutes, so that steps begin where the arithmetic below says.
  env.nowMs = 1_700_000_040_000
  const store = new LiveStore(env)
  store.start()
  env.socket.say(helloOf(env.nowMs, { a: 0 }))
  env.socket.say(catalogueOf(1, ['a']))
  const feed = new RangeFeed(store, { kind: 'group', id: 'a' }, range)
  const model = new ChartModel(feed, SERIES, [], 'count', 1)
  const tick = (value: number, stale = 0) => {
    env.pass(1000)
    env.socket.say(tickOf(1, env.nowMs, [value], [stale]))
  }
  return { env, store, feed, model, tick }
}

function historyOf(
  stepMs: number,
  rows: readonly [atMs: number, inUse: number | null, stale?: number | null][],
): History {
  const column = (read: (row: (typeof rows)[number]) => number | null) => rows.map(read)
  return {
    fromMs: 0,
    toMs: 0,
    stepMs,
    atMs: rows.map(([atMs]) => atMs),
    columns: {
      inUse: column((row) => row[1]),
      idle: column((row) => (row[1] === null ? null : 0)),
      stale: column(([, value, stale = value === null ? null : 0]) => stale),
    },
  }
}

/** Times of the samples relative to a moment, and the values of the first series. */
const shown = (model: ChartModel, fromMs: number) =>
  [...model.times].flatMap((atMs, index) =>
    Number.isNaN(atMs) ? [] : [[atMs - fromMs, model.valueAt(0, index), model.peakAt(0, index)]],
  )

describe('RangeFeed', () => {
  it('shows the live ticks until history answers, and then both without a seam', () => {
    const { env, feed, model, tick } = live(liveRange(600_000))
    const fromMs = env.nowMs
    for (const value of [1, 2, 3]) tick(value)
    model.fill()
    expect(shown(model, fromMs).map(([atMs]) => atMs)).toEqual([0, 1000, 2000, 3000])
    feed.setHistory({
      mean: historyOf(1000, [
        [fromMs - 1000, 7],
        [fromMs, 8],
        [fromMs + 1000, 9],
      ]),
      peak: null,
      coveredMs: fromMs + 1000,
    })
    model.fill()
    expect(shown(model, fromMs)).toEqual([
      [-1000, 7, null],
      [0, 8, null],
      [1000, 9, null],
      [2000, 2, null],
      [3000, 3, null],
    ])
    expect(model.endMs).toBe(fromMs + 3000)
    expect(model.startMs).toBe(fromMs + 3000 - 600_000)
  })
  it('gathers live ticks into steps as long as the rows of history, with their mean and their max', () => {
    const { env, feed, model, tick } = live(liveRange(3_600_000))
    const fromMs = env.nowMs
    for (let i = 0; i < 14; i++) tick(i < 5 ? 4 : 10)
    // Steps of 10 s: history covers the second one up to 4 s, with the mean 4 and the max 6.
    feed.setHistory({
      mean: historyOf(10_000, [
        [fromMs - 10_000, 3],
        [fromMs, 4],
      ]),
      peak: historyOf(10_000, [
        [fromMs - 10_000, 5],
        [fromMs, 6],
      ]),
      coveredMs: fromMs + 4000,
    })
    model.fill()
    // The ticks at 5 s (4) and 6 to 9 s (10) join the row: (4 ticks × 4 + 4 + 4 × 10) / 9 = 6.67; then 5 at 10.
    const [before, joined, after, ...rest] = shown(model, fromMs)
    expect(rest).toEqual([])
    expect(before).toEqual([-10_000, 3, 5])
    expect(joined?.[0]).toBe(0)
    expect(joined?.[1]).toBeCloseTo(60 / 9)
    expect(joined?.[2]).toBe(10)
    expect(after).toEqual([10_000, 10, 10])
  })
  it('keeps what is stale as a gap, and has no sample of a row in which no tick fell', () => {
    const { env, feed, model } = live(liveRange(600_000))
    const fromMs = env.nowMs
    feed.setHistory({
      mean: historyOf(1000, [
        [fromMs - 4000, 5],
        [fromMs - 3000, null],
        [fromMs - 2000, 6],
        [fromMs - 1000, null, 1],
      ]),
      peak: null,
      coveredMs: fromMs - 1000,
    })
    model.fill()
    const places = [4, 3, 2, 1].map((back) => feed.size - back)
    expect(places.map((place) => model.valueAt(0, place))).toEqual([5, 6, null, 0])
    expect(places.map((place) => model.presentAt(place))).toEqual([true, true, false, true])
  })
  it('stands still over a time that is past', () => {
    const { env, feed, model, tick } = live(fixedRange(1_699_990_000_000, 1_699_990_600_000))
    const fromMs = 1_699_990_000_000
    feed.setHistory({
      mean: historyOf(1000, [[fromMs + 1000, 5]]),
      peak: null,
      coveredMs: fromMs + 600_000,
    })
    tick(9)
    model.fill()
    expect(shown(model, fromMs)).toEqual([[1000, 5, null]])
    expect(feed.outrun).toBe(false)
    expect([model.startMs, model.endMs, feed.untilMs - env.nowMs < 0]).toEqual([
      fromMs,
      fromMs + 600_000,
      true,
    ])
    expect(summarize(model, FORMATS.count)).toMatch(/^At .*: in use 5/)
  })
  it('says when the ring has lost ticks that history does not cover', () => {
    const { env, feed, model, tick } = live(liveRange(3_600_000))
    const coveredMs = env.nowMs
    feed.setHistory({ mean: historyOf(10_000, [[coveredMs, 1]]), peak: null, coveredMs })
    for (let i = 0; i < 300; i++) tick(1)
    model.fill()
    expect(feed.outrun).toBe(false)
    for (let i = 0; i < 3; i++) tick(1)
    model.fill()
    expect(feed.outrun).toBe(true)
  })
})

describe('csvOf', () => {
  it('has units in its head, ISO times, and nothing for what is not known', () => {
    const { env, feed, model } = live(liveRange(600_000))
    const fromMs = env.nowMs
    feed.setHistory({
      mean: historyOf(1000, [
        [fromMs - 3000, 0.1],
        [fromMs - 2000, null, 1],
      ]),
      peak: null,
      coveredMs: fromMs - 1000,
    })
    model.fill()
    expect(csvOf(model, 'count').split('\r\n')).toEqual([
      'time,"in use (count)","idle (count)"',
      `${new Date(fromMs - 3000).toISOString()},0.1,0`,
      `${new Date(fromMs - 2000).toISOString()},,`,
      `${new Date(fromMs).toISOString()},0,0`,
      '',
    ])
  })
  it('has mean and max where a sample stands for several ticks, of what stands on the axis', () => {
    const { env, feed, model } = live(liveRange(3_600_000))
    const atMs = env.nowMs - 10_000
    feed.setHistory({
      mean: historyOf(10_000, [[atMs, 2.5]]),
      peak: historyOf(10_000, [[atMs, 7]]),
      coveredMs: atMs,
    })
    model.fill()
    const [head, row] = csvOf(model, 'ms').split('\r\n')
    expect(head).toBe('time,"in use mean (ms)","in use max (ms)","idle mean (ms)"')
    expect(row).toBe(`${new Date(atMs).toISOString()},2.5,7,0`)
    expect(valueText(model, 'count', 0, model.indexAt(atMs))).toBe('2.5, max 7')
    expect(valueText(model, 'count', 1, model.indexAt(atMs))).toBe('0')
  })
})
