import { bucketMiddle, bucketOf, HISTOGRAM } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { EXPOSITION_BOUNDS_SEC, PoolDurations } from './durations.ts'

const none = { buckets: [], sumMs: 0, maxMs: 0 }

/** A report's histogram of durations in ms. */
function histogram(...durations: number[]) {
  const counts = new Map<number, number>()
  for (const ms of durations) counts.set(bucketOf(ms), (counts.get(bucketOf(ms)) ?? 0) + 1)
  return {
    buckets: [...counts].sort((a, b) => a[0] - b[0]).flat(),
    sumMs: durations.reduce((sum, ms) => sum + ms, 0),
    maxMs: Math.max(0, ...durations),
  }
}

describe('PoolDurations', () => {
  it('keeps the kinds apart', () => {
    const durations = new PoolDurations()
    durations.add({ wait: histogram(1), hold: histogram(10), create: histogram(100) })
    expect(durations.summary('wait').max).toBe(1)
    expect(durations.summary('hold').max).toBe(10)
    expect(durations.summary('create').max).toBe(100)
  })

  it('forgets what was counted two rotations ago, but not in the exposition', () => {
    const durations = new PoolDurations()
    durations.add({ wait: histogram(500), hold: none, create: none })
    durations.rotate()
    durations.add({ wait: histogram(2, 2), hold: none, create: none })
    expect(durations.summary('wait').max).toBe(500)
    durations.rotate()
    expect(durations.summary('wait').max).toBe(2)
    durations.rotate()
    expect(durations.summary('wait')).toEqual({ p50: null, p95: null, p99: null, max: null })
    const { counts, sumSec } = durations.exposition('wait')
    expect(sumSec).toBeCloseTo(0.504)
    expect(counts[EXPOSITION_BOUNDS_SEC.indexOf(0.005)]).toBe(2)
    expect(counts[EXPOSITION_BOUNDS_SEC.indexOf(0.5)]).toBe(1)
  })

  it('counts right however many reports come before it is asked', () => {
    const durations = new PoolDurations()
    const wide = {
      buckets: Array.from({ length: HISTOGRAM.size }, (_, i) => [i, 3]).flat(),
      sumMs: 1,
      maxMs: 1e9,
    }
    for (let i = 0; i < 100; i++) durations.add({ wait: wide, hold: wide, create: none })
    const { p50 } = durations.summary('hold')
    expect(p50).toBe(bucketMiddle(Math.ceil(HISTOGRAM.size / 2) - 1))
    const { counts } = durations.exposition('hold')
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(100 * 3 * HISTOGRAM.size)
  })

  it('counts what is more than a small number holds, folded or not', () => {
    const durations = new PoolDurations()
    const buckets = Array.from({ length: HISTOGRAM.size }, (_, i) => [i, i === 321 ? 5_000_000 : 9]).flat()
    const reports = 20
    for (let i = 0; i < reports; i++)
      durations.add({ wait: { buckets, sumMs: 1, maxMs: 1e9 }, hold: none, create: none })
    // All but 20 · 1057 · 9 of 100 million are in bucket 321, the one of 1 ms.
    expect(durations.summary('wait').p99).toBe(bucketMiddle(321))
    const { counts } = durations.exposition('wait')
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(reports * (5_000_000 + 1057 * 9))
  })

  it('leaves out buckets that there are none of', () => {
    const durations = new PoolDurations()
    durations.add({
      wait: { buckets: [HISTOGRAM.size, 9, 5, 1], sumMs: 1, maxMs: 1 },
      hold: none,
      create: none,
    })
    expect(durations.summary('wait').p50).not.toBeNull()
    expect(durations.exposition('wait').counts.reduce((sum, count) => sum + count, 0)).toBe(1)
    expect(durations.summary('hold').p50).toBeNull()
  })

  it('merges the counts of several pools', () => {
    const one = new PoolDurations()
    const other = new PoolDurations()
    one.add({ wait: histogram(1, 1, 1), hold: none, create: none })
    other.add({ wait: histogram(100), hold: none, create: none })
    const { wait, hold } = PoolDurations.merged([one, other])
    expect([Math.round(wait.p50 as number), wait.max, hold.max]).toEqual([1, 100, null])
  })
})
