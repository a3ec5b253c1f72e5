import { encodeTrace, mergeTraces } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { aPool, aReport, manualClock } from '../../test/support.ts'
import { Fleet } from './fleet.ts'
import { PoolTrace } from './pool-trace.ts'

function packed(fromMs: number, windowMs: number, count: number) {
  const bytes = encodeTrace({
    windowMs,
    arrivalMs: Float64Array.from({ length: count }, (_, i) => (i * windowMs) / count),
    waitMs: new Float64Array(count),
    holdMs: new Float64Array(count).fill(5),
    caller: new Uint32Array(count),
    inFlight: [],
  })
  return { fromMs, data: Buffer.from(bytes).toString('base64') }
}

describe(PoolTrace, () => {
  it('keeps windows that follow each other, and begins anew after a gap', () => {
    const trace = new PoolTrace()
    trace.take(packed(0, 1000, 3), 1)
    trace.take(packed(1000.04, 1000, 3), 1)
    expect(trace.windows()).toHaveLength(2)
    expect(trace.windowMs).toBeCloseTo(2000, 0)
    trace.take(packed(3000, 1000, 3), 1)
    expect(trace.windows()).toHaveLength(1)
    trace.take(null, 1)
    expect(trace.windows()).toEqual([])
  })

  it('takes what is not a packed trace for a gap', () => {
    const trace = new PoolTrace()
    trace.take(packed(0, 1000, 3), 1)
    trace.take({ fromMs: 1000, data: 'CQkJ' }, 1)
    expect(trace.windows()).toEqual([])
  })

  it('keeps an hour, and no more than its share of the memory', () => {
    const hour = new PoolTrace()
    for (let minute = 0; minute < 90; minute++) hour.take(packed(minute * 60_000, 60_000, 10), 1)
    expect(hour.windowMs).toBe(3_600_000)
    const small = new PoolTrace()
    // 340 MB among 100 000 pools are 3.6 kB for each: some windows of 300 checkouts, four characters each.
    for (let second = 0; second < 20; second++) small.take(packed(second * 1000, 1000, 300), 100_000)
    expect(small.windowMs).toBeGreaterThanOrEqual(2000)
    expect(small.windowMs).toBeLessThan(6000)
  })

  it('gives windows back as they came, however many were forgotten before', () => {
    const trace = new PoolTrace()
    // Two hours of windows of 1 to 40 checkouts, of which the last hour is kept.
    const windows = Array.from({ length: 120 }, (_, minute) =>
      packed(minute * 60_000, 60_000, 1 + ((minute * 7) % 40)),
    )
    for (const window of windows) trace.take(window, 1)
    expect(trace.windows()).toEqual(windows.slice(-60))
    trace.take(null, 1)
    trace.take(packed(7_200_000, 1000, 9), 1)
    expect(trace.windows()).toEqual([packed(7_200_000, 1000, 9)])
  })

  it('is what the fleet answers for a pool and its group, ready to be merged', () => {
    const clock = manualClock()
    const fleet = new Fleet({ now: clock.now, tickMs: 1000 })
    for (let second = 0; second < 3; second++) {
      fleet.takeReport(aReport([{ ...aPool(), trace: packed(second * 1000, 1000, 4) }]))
      clock.advance(1000)
    }
    const [pool] = fleet.snapshot().pools
    const answer = fleet.trace(pool?.groupId ?? '')
    expect(answer).toEqual(fleet.trace(pool?.id ?? ''))
    const windows = (answer?.windows ?? []).map(({ fromMs, data }) => ({
      fromMs,
      bytes: Buffer.from(data, 'base64'),
    }))
    expect(mergeTraces(windows, []).arrivalMs).toHaveLength(12)
    expect(fleet.trace('nothing')).toBeUndefined()
  })
})
