import { describe, expect, it } from 'vitest'
import type { SizePrediction } from './predict.ts'
import { type Evidence, recommend } from './recommend.ts'

const same = (ms: number) => ({ p50: ms, p95: ms, p99: ms })

/** A size at which every caller waits and holds for so long. */
function size(size: number, waitMs: number, holdMs: number): SizePrediction {
  return {
    size,
    waitMs: same(waitMs),
    meanWaitMs: waitMs,
    waitP95SpreadMs: null,
    totalMs: same(waitMs + holdMs),
    timeoutRatio: 0,
    utilizationRatio: 0.5,
    opened: 0,
    identifiable: true,
    waitP95BandMs: null,
    totalP95BandMs: null,
  }
}

const EVIDENCE: Evidence = {
  presentSize: 5,
  connectMs: 10,
  checkouts: 10_000,
  windowMs: 3_600_000,
  contention: { verdict: 'none', z: 0, peak: 5 },
  stalls: null,
  loop: null,
  check: null,
}

/** Whether a replay that gave one wait at the present size, where another was measured, is to be relied on. */
function isOff(measuredMs: number, replayedMs: number, holdMs: number): boolean {
  const check = { measured: same(measuredMs), replayed: same(replayedMs) }
  const { reasons } = recommend([size(5, replayedMs, holdMs)], { ...EVIDENCE, check })
  return reasons.some(({ code }) => code === 'model-is-off')
}

describe('recommend', () => {
  it('does not rely on a replay that gives other waits than were measured', () => {
    expect(isOff(40, 60, 20)).toBe(true)
    expect(isOff(60, 20, 20)).toBe(true)
  })

  it('relies on one that is apart by a quarter at most', () => {
    expect(isOff(80, 100, 20)).toBe(false)
  })

  it('relies on one that is apart by no more than a stall makes, or a caller notices', () => {
    expect(isOff(5, 0, 20)).toBe(false)
    // 8 ms: more than 5, and more than a tenth of 20, but not of 300.
    expect(isOff(8, 0, 20)).toBe(true)
    expect(isOff(8, 0, 300)).toBe(false)
  })

  it('takes the smallest size that is as good as the best', () => {
    const sizes = [size(2, 50, 20), size(3, 1.5, 20), size(4, 1, 20), size(5, 0.5, 20)]
    expect(recommend(sizes, EVIDENCE).size).toBe(3)
  })

  it('advises no size where the slowest twentieth of the callers met stalls', () => {
    const stalls = { count: 2, longestMs: 900, totalMs: 1200, askingRatio: 1 }
    const advised = (askedRatio: number) =>
      recommend([size(5, 1, 20)], { ...EVIDENCE, stalls: { ...stalls, askedRatio } })
    expect(advised(0.04).size).toBe(5)
    expect(advised(0.06).size).toBeNull()
    for (const { reasons } of [advised(0.04), advised(0.06)]) {
      expect(reasons.map(({ code }) => code)).toContain('stalls')
    }
  })
})
