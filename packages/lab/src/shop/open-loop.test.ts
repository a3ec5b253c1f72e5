import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openLoop } from './open-loop.ts'
import { seeded } from './random.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe(openLoop, () => {
  it('starts work at the asked rate whether or not earlier work ends', async () => {
    let started = 0
    const never = () => {
      started += 1
      return new Promise<void>(() => {})
    }
    openLoop({ perSec: 10, run: never }, () => 1, seeded(1))
    await vi.advanceTimersByTimeAsync(10_000)
    // 100 expected; three standard deviations of a Poisson count are 30
    expect(started).toBeGreaterThan(70)
    expect(started).toBeLessThan(130)
  })

  it('turns away what exceeds its bound and counts it', async () => {
    const { counts } = openLoop({ perSec: 1000, run: () => new Promise(() => {}) }, () => 1, seeded(1))
    await vi.advanceTimersByTimeAsync(2000)
    // 2,000 expected in all, of which 200 are let in; timers round up to whole ms
    expect(counts.turnedAway).toBeGreaterThan(1000)
  })

  it('counts what fails and goes on', async () => {
    const { counts, stop } = openLoop(
      { perSec: 100, run: () => Promise.reject(new Error('no')) },
      () => 1,
      seeded(1),
    )
    await vi.advanceTimersByTimeAsync(2000)
    expect(counts.failed).toBeGreaterThan(100)
    await stop()
    const { failed } = counts
    await vi.advanceTimersByTimeAsync(2000)
    expect(counts.failed).toBe(failed)
  })

  it('follows the load', async () => {
    let started = 0
    const run = async () => {
      started += 1
    }
    openLoop({ perSec: 100, run }, () => 0.1, seeded(1))
    await vi.advanceTimersByTimeAsync(10_000)
    expect(started).toBeLessThan(150)
  })
})
