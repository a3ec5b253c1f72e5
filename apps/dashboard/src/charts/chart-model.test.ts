import { describe, expect, it } from 'vitest'
import { FakeEnvironment } from '../live/fake-environment.ts'
import { catalogueOf, helloOf, tickOf } from '../live/fake-messages.ts'
import { LiveStore } from '../live/live-store.ts'
import { ChartModel } from './chart-model.ts'
import { summarize } from './chart-summary.ts'
import type { ChartLimit, ChartSeries } from './chart-types.ts'
import { TickFeed } from './tick-feed.ts'
import { FORMATS } from './value-format.ts'

const SERIES: readonly ChartSeries[] = [
  { key: 'used', label: 'used', column: 'inUse', color: 'red', kind: 'area' },
  { key: 'twice', label: 'twice', read: (column) => column('inUse') * 2, color: 'red', kind: 'area' },
  { key: 'line', label: 'line', column: 'inUse', color: 'red' },
]

function chart(
  ticks: readonly (number | null)[],
  options: { limits?: readonly ChartLimit[]; unit?: 'count' | 'ms'; stale?: boolean } = {},
) {
  const env = new FakeEnvironment()
  const store = new LiveStore(env)
  store.start()
  env.socket.say(helloOf(env.nowMs, { a: 0 }))
  env.socket.say(catalogueOf(1, ['a']))
  for (const value of ticks) {
    env.pass(1000)
    env.socket.say(tickOf(1, env.nowMs, [value], [options.stale === true ? 1 : 0]))
  }
  const feed = new TickFeed(store, { kind: 'group', id: 'a' }, 300_000)
  const model = new ChartModel(feed, SERIES, options.limits ?? [], options.unit ?? 'count', 1)
  model.fill()
  return { env, store, model }
}
const last = (values: Float32Array | undefined) => values?.at(-1)

describe('ChartModel', () => {
  it('stacks areas and leaves lines where they are', () => {
    const { model } = chart([5])
    expect(model.edges.map(last)).toEqual([5, 15, 5])
    expect(model.values.map(last)).toEqual([5, 10, 5])
    expect(model.ticks.at(-1)).toBe(15)
  })
  it('does not know a stack whose lower part is unknown', () => {
    const { model } = chart([5, null])
    expect(last(model.edges[1])).toBeNaN()
    expect(model.valueAt(0, 299)).toBeNull()
    expect(model.presentAt(299)).toBe(true)
    expect(model.known).toBe(true)
  })
  it('has no numbers of a stale series, and says that there is no sample', () => {
    const { model } = chart([5, 5, 5], { stale: true })
    expect(model.valueAt(0, 299)).toBeNull()
    expect(model.presentAt(299)).toBe(false)
    expect(model.valueAt(0, 296)).toBe(0)
  })
  it('finds the sample next to a moment', () => {
    const { env, model } = chart([5, 6, 7])
    expect(model.valueAt(0, model.indexAt(env.nowMs - 1100))).toBe(6)
    expect(model.indexAt(env.nowMs + 60_000)).toBe(-1)
  })
  it('keeps a counted limit in the chart, and lets a far one of durations stay outside', () => {
    const limits = [{ label: 'max', value: 100 }]
    expect(chart([5], { limits }).model.ticks.at(-1)).toBe(100)
    expect(chart([5], { limits, unit: 'ms' }).model.ticks.at(-1)).toBe(15)
    expect(chart([30], { limits, unit: 'ms' }).model.ticks.at(-1)).toBe(100)
  })
  it('follows a limit that is a column, and asks for a frame when it changes', () => {
    const { env, store, model } = chart([5], { limits: [{ label: 'now', column: 'inUse' }] })
    expect(model.limits).toEqual([{ label: 'now', value: 5 }])
    env.pass(1000)
    env.socket.say(tickOf(1, env.nowMs, [4]))
    expect(model.fill()).toBe(true)
    env.pass(1000)
    env.socket.say(tickOf(1, env.nowMs, [4]))
    expect(model.fill()).toBe(false)
    expect(store.newestTick.tick).toBe(model.feed.newestTick)
  })
  it('takes in history for the ticks that it shows, without moving on', () => {
    const { env, model } = chart([5])
    env.pass(1000)
    env.socket.say(tickOf(1, env.nowMs, [9]))
    const shown = model.endMs
    model.fill(true)
    expect(model.endMs).toBe(shown)
    expect(model.valueAt(0, 299)).toBe(5)
  })
})

describe('summarize', () => {
  const format = FORMATS.count
  it('says what is now, where it goes, and the limits', () => {
    const rising = [...new Array(60).fill(1), 8]
    const { model } = chart(rising, { limits: [{ label: 'max', value: 10 }] })
    expect(summarize(model, format)).toBe('used 8, rising; twice 16, rising; line 8, rising. max 10.')
    expect(summarize(chart(new Array(60).fill(3)).model, format)).toContain('used 3, steady')
  })
  it('says since when nothing is known', () => {
    const { model } = chart([5, null, null])
    expect(summarize(model, format)).toContain('used: not known now, for 2\u202fs')
  })
})
