import type { Prediction, Reason } from '@poolscope/sizing'
import { describe, expect, it } from 'vitest'
import { verdictOf, whyNoTrace } from './replay-words.ts'

const waits: Reason = { code: 'waits', size: 8, waitP95Ms: 2, totalP95Ms: 22, timeoutRatio: 0 }

function predictionOf(size: number | null, reasons: Reason[], checkouts = 5000): Prediction {
  return {
    windowMs: 300_000,
    checkouts,
    arrivalsPerSec: 10,
    meanHoldMs: 20,
    callers: 'independent',
    loop: null,
    contention: { verdict: 'none', z: 0.3, peak: 9 },
    stalls: null,
    sizes: [],
    check: null,
    recommendation: { size, kneeSize: null, reasons },
  }
}

describe(verdictOf, () => {
  it('names the size and what it brings', () => {
    expect(verdictOf(predictionOf(8, [waits]), 4)).toMatchObject({ status: 'ok', size: 8 })
    expect(verdictOf(predictionOf(8, [waits]), 4).sentence).toMatch(
      /^Set max to 8 .* 22\.0.ms for wait and hold/,
    )
    expect(verdictOf(predictionOf(8, [waits]), 8).sentence).toMatch(/^Leave max at 8/)
  })

  it('advises nothing where the replay of the present size is not what was measured', () => {
    const measured = { p50: 1, p95: 90, p99: 100 }
    const replayed = { p50: 1, p95: 10, p99: 20 }
    const verdict = verdictOf(predictionOf(null, [waits, { code: 'model-is-off', measured, replayed }]), 4)
    expect(verdict.size).toBeNull()
    expect(verdict.sentence).toMatch(/does not hold here.* present 4 .* 10\.0.ms, and 90\.0.ms was measured/)
    expect(verdict.reasons).toEqual([])
  })

  const stalls = { code: 'stalls', count: 3, longestMs: 900, totalMs: 2000, askingRatio: 1 } as const

  it('advises nothing where too many callers met stalls, and says where to look', () => {
    const met = { ...stalls, askedRatio: 0.12 }
    const verdict = verdictOf(predictionOf(null, [waits, met]), 4)
    expect(verdict.size).toBeNull()
    expect(verdict.sentence).toMatch(/too often for an advice: look into the server and the way to it/)
    expect(verdict.reasons.join(' ')).toMatch(/3 times, for up to 900.ms.* 12.% of the callers/)
    expect(verdict.reasons.join(' ')).toContain('Others went on asking, so it was the server')
    const frozen = verdictOf(predictionOf(null, [waits, { ...met, askingRatio: 0.05 }]), 4)
    expect(frozen.sentence).toContain('look into the process that asks')
    expect(frozen.reasons.join(' ')).toContain('the process itself may have stood still')
  })

  it('tells of stalls that few callers met, and advises all the same', () => {
    const verdict = verdictOf(predictionOf(8, [waits, { ...stalls, count: 1, askedRatio: 0.004 }]), 4)
    expect(verdict).toMatchObject({ size: 8, status: 'ok' })
    expect(verdict.reasons.join(' ')).toMatch(/Once, for 900.ms, all held connections stood still together/)
  })

  it('goes in steps where the trace cannot tell', () => {
    const verdict = verdictOf(
      predictionOf(40, [
        { ...waits, size: 40 },
        { code: 'contention-not-identifiable', why: 'saturated' },
        { code: 'grow-in-steps', size: 12 },
      ]),
      8,
    )
    expect(verdict).toMatchObject({ status: 'warning', size: 12 })
    expect(verdict.sentence).toMatch(/^Set max to 12 next/)
    expect(verdict.reasons.join(' ')).toContain('full for most of the time')
  })

  it('has no size where nobody was answered, or nobody asked', () => {
    expect(verdictOf(predictionOf(null, [], 0), 8).sentence).toMatch(/^Nobody asked/)
    expect(verdictOf(predictionOf(null, [], 10), 8)).toMatchObject({ size: null, status: 'warning' })
  })
})

describe(whyNoTrace, () => {
  const probed = { origin: 'probe', checkoutsPerSec: 10 } as const

  it('is silent where there is something to replay', () => {
    expect(whyNoTrace(probed, 10, 1)).toBeNull()
  })

  it('tells the cases apart', () => {
    expect(whyNoTrace({ ...probed, origin: 'observed' }, null, null)).toContain('No probe')
    expect(whyNoTrace({ ...probed, checkoutsPerSec: 7000 }, 10, 0)).toContain('too fast')
    expect(whyNoTrace(probed, 10, 0)).toContain('no record of single checkouts')
    expect(whyNoTrace(probed, null, 1)).toContain('max')
  })
})
