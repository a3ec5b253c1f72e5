import type { BlackBox } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { fleetOf } from './fake-messages.ts'
import { frozenStore } from './frozen-store.ts'
import { RING_TICKS } from './tick-clock.ts'

const END_MS = 1_700_000_000_000
const fleet = fleetOf(END_MS, { orders: 7 })

const box = {
  version: 1,
  alert: { id: 'a' },
  frozenMs: END_MS,
  moments: [
    {
      atMs: END_MS,
      groups: fleet.groups,
      pools: [],
      servers: [],
      holders: {},
      sessions: {},
      statements: {},
    },
  ],
  histories: {
    orders: {
      fromMs: END_MS - 3000,
      toMs: END_MS,
      stepMs: 1000,
      atMs: [END_MS - 3000, END_MS - 2000, END_MS - 1000],
      columns: { inUse: [3, null, 5], stale: [0, null, 0] },
    },
  },
} as unknown as BlackBox

describe(frozenStore, () => {
  it('tells the last minutes of a file as if they were live, and nothing after', async () => {
    const store = frozenStore(box)
    store.start()
    await expect.poll(() => store.connection.phase).toBe('live')
    const source = { kind: 'group' as const, id: 'orders' }
    const read = () => {
      const values = new Float32Array(RING_TICKS)
      const { tick } = store.newestTick
      store.readSeries(source, 'inUse', tick - RING_TICKS + 1, tick, values)
      return [...values.slice(-4)]
    }
    let filled = false
    const close = store.past.openSeries(source, () => {
      filled = true
    })
    await expect.poll(() => filled).toBe(true)
    expect(read()).toEqual([3, Number.NaN, 5, 7])
    expect(store.newestTick.atMs).toBe(END_MS)
    close()
    store.stop()
  })
})
