import { describe, expect, it } from 'vitest'
import { QuietLimit } from './quiet-limit.ts'

const DAY = 24 * 3_600_000

/** Four times a learned gap, up to the width of a bucket: 1/32 of the gap. */
function expectFourTimes(gapMs: number, limitMs: number): void {
  expect(limitMs).toBeGreaterThanOrEqual(4 * gapMs)
  expect(limitMs).toBeLessThanOrEqual(4 * gapMs * (1 + 1 / 16))
}

describe(QuietLimit, () => {
  it('is half a minute until the pool has had a thousand holds, and then at least three seconds', () => {
    const limit = new QuietLimit(null, 0)
    expect(limit.ms(null)).toBe(30_000)
    limit.finished(999, 0)
    expect(limit.ms(null)).toBe(30_000)
    limit.finished(1, 0)
    expect(limit.ms('f (a.ts:1:1)')).toBe(3000)
  })

  it('is four times what one hold in a thousand is', () => {
    const limit = new QuietLimit(null, 0)
    limit.finished(3000, 0)
    // The rarest three of 3000 do not count; the fourth does.
    for (const gapMs of [20_000, 10_000, 5000]) limit.learn(gapMs, null)
    expect(limit.ms(null)).toBe(3000)
    limit.learn(2000, null)
    expectFourTimes(2000, limit.ms(null))
  })

  it('never judges code by less than it has shown', () => {
    const limit = new QuietLimit(null, 0)
    limit.finished(100_000, 0)
    limit.learn(20_000, 'export (a.ts:1:1)')
    expectFourTimes(20_000, limit.ms('export (a.ts:1:1)'))
    expect(limit.ms('other (b.ts:1:1)')).toBe(3000)
    expect(limit.ms(null)).toBe(3000)
  })

  it('judges code by itself alone once it was quiet a hundred times', () => {
    const limit = new QuietLimit(null, 0)
    limit.finished(1000, 0)
    for (let i = 0; i < 10; i++) limit.learn(20_000, 'export (a.ts:1:1)')
    for (let i = 0; i < 99; i++) limit.learn(1000, 'page (b.ts:1:1)')
    expectFourTimes(20_000, limit.ms('page (b.ts:1:1)'))
    limit.learn(1000, 'page (b.ts:1:1)')
    expectFourTimes(1000, limit.ms('page (b.ts:1:1)'))
  })

  it('is ten minutes at most, and what was set where it was set', () => {
    const limit = new QuietLimit(null, 0)
    limit.learn(3_600_000, 'f (a.ts:1:1)')
    expect(limit.ms('f (a.ts:1:1)')).toBe(600_000)
    const fixed = new QuietLimit(1500, 0)
    fixed.learn(3_600_000, 'f (a.ts:1:1)')
    expect(fixed.ms('f (a.ts:1:1)')).toBe(1500)
  })

  it('remembers for a day, and forgets after two', () => {
    const limit = new QuietLimit(null, 0)
    limit.finished(1000, 0)
    limit.learn(20_000, 'f (a.ts:1:1)')
    limit.finished(1000, DAY)
    expectFourTimes(20_000, limit.ms('f (a.ts:1:1)'))
    limit.finished(1000, 2 * DAY)
    expect(limit.ms('f (a.ts:1:1)')).toBe(3000)
  })
})
