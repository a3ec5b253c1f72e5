import { cleanup, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeWorker } from './fake-worker.ts'
import { readAhead, readAheadOf, readingWorker } from './replay-ahead.ts'
import { type ReplayWish, useReplay } from './use-replay.ts'

const { made } = FakeWorker
const read = { kind: 'read', groupId: 'orders' }

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('Worker', FakeWorker)
  made.length = 0
})
afterEach(() => {
  cleanup()
  // Whatever a test left ahead ends.
  vi.runAllTimers()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe(readAhead, () => {
  it('starts one worker, which reads the record until it is taken over', () => {
    readAhead('orders')
    readAhead('orders')
    expect(made.map(({ told }) => told)).toEqual([[read]])
    expect(readingWorker('orders')).toBe(made[0])
    expect(made).toHaveLength(1)
    vi.runAllTimers()
    expect(made[0]?.ended).toBe(false)
    // It is taken once.
    expect(readingWorker('orders')).toBe(made[1])
  })

  it('ends a worker that nobody takes over, and one of another pool', () => {
    readAhead('orders')
    readAhead('stock')
    expect(made.map(({ ended }) => ended)).toEqual([true, false])
    vi.advanceTimersByTime(9_999)
    expect(made[1]?.ended).toBe(false)
    vi.advanceTimersByTime(1)
    expect(made[1]?.ended).toBe(true)
    expect(readingWorker('stock')).toBe(made[2])
  })

  it('gives nobody a worker that did not start', () => {
    readAhead('orders')
    made[0]?.dispatchEvent(new Event('error'))
    expect(readingWorker('orders')).toBe(made[1])
  })
})

describe(readAheadOf, () => {
  it.each([
    ['/size?pool=orders', [read]],
    ['/size?pool=', []],
    ['/size', []],
    ['/pools/orders?pool=orders', []],
  ])('reads what the calculator opened at %s is to replay', (address, told) => {
    readAheadOf(new URL(address, 'http://localhost'))
    expect(made.flatMap((worker) => worker.told)).toEqual(told)
  })
})

describe(useReplay, () => {
  it('takes over the worker that was started ahead, makes no other, and ends it', () => {
    readAhead('orders')
    const wish: ReplayWish = { pools: new Map(), attempt: 0 }
    const { rerender, unmount } = renderHook(({ known }) => useReplay('orders', known), {
      initialProps: { known: null as ReplayWish | null },
    })
    rerender({ known: wish })
    expect(made).toHaveLength(1)
    expect(made[0]?.told).toEqual([read, { kind: 'replay', pools: wish.pools }])
    unmount()
    expect(made.map(({ ended }) => ended)).toEqual([true])
  })
})
