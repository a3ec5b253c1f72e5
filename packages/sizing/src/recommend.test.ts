import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NOTHING_KNOWN, type Recommendation, recommend, type SizeInput } from './recommend.ts'

function size(input: Partial<SizeInput>): Recommendation {
  const found = recommend({ ...NOTHING_KNOWN, ...input })
  if (found === null) throw new Error('nothing bounds it')
  return found
}

describe(recommend, () => {
  it('starts from the cores when nothing else is known', () => {
    expect(size({ cores: 4, spindles: 1 })).toMatchObject({ max: 9, min: 2, total: 9, binding: 'cores' })
  })

  it('shares the cores among the instances, since they are the database’s', () => {
    // (8 x 2) + 0 = 16, / 4 = 4
    expect(size({ cores: 8, spindles: 0, instances: 4 })).toMatchObject({ max: 4, total: 16 })
    // 9 / 20 is less than one, and a pool without a connection is none.
    expect(size({ cores: 4, spindles: 1, instances: 20 })).toMatchObject({ max: 1, total: 20 })
  })

  it('takes measured waiting in the place of the factor of two', () => {
    // 4 x (1 + 30 / 10) = 16, although (4 x 2) + 0 = 8
    const found = size({ cores: 4, spindles: 0, waitMs: 30, serviceMs: 10 })
    expect(found).toMatchObject({ max: 16, binding: 'wait' })
    expect(found.bounds.map(({ code, connections }) => [code, connections])).toEqual([
      ['cores', 8],
      ['wait', 16],
    ])
  })

  it('is held to the share of the server’s limit, and says so', () => {
    // (100 - 20) / 40 = 2, below (16 x 2) + 1 = 33
    const found = size({ cores: 16, spindles: 1, maxConnections: 100, reserved: 20, instances: 40 })
    expect(found.bounds.map(({ code, connections }) => [code, connections])).toEqual([
      ['cores', 1],
      ['share', 2],
    ])
    expect(size({ maxConnections: 100, reserved: 20, instances: 40 })).toMatchObject({
      max: 2,
      binding: 'share',
    })
  })

  it('keeps a fifth back when nobody says how much, and says that it assumed so', () => {
    const found = size({ maxConnections: 100, instances: 4 })
    expect(found.max).toBe(20) // (100 - 20) / 4
    expect(found.assumed).toContain('20 slots kept back, 20 % of the limit')
  })

  it('is what the traffic needs, where that fits', () => {
    const found = size({ cores: 8, spindles: 0, trafficNeeds: 5, maxConnections: 100, instances: 2 })
    expect(found).toMatchObject({ max: 5, binding: 'traffic', problem: null })
    expect(found.reason).toContain('callers wait no longer than they may')
  })

  it('believes the traffic as it was rather than a model of it', () => {
    // The model of queues would do with 5.
    const found = size({ trafficNeeds: 5, replayAdvises: 9, maxConnections: 100, instances: 2 })
    expect(found).toMatchObject({ max: 9, total: 18, binding: 'replay' })
    expect(size({ trafficNeeds: 9, replayAdvises: 5 })).toMatchObject({ max: 5, binding: 'replay' })
    // (100 - 20) / 20 = 4
    // Holds as they were know the cores: (2 x 2) + 0 = 4 is a rule of thumb beside them.
    expect(size({ replayAdvises: 9, cores: 2 })).toMatchObject({ max: 9, problem: null })
    expect(size({ replayAdvises: 9, maxConnections: 100, instances: 20 })).toMatchObject({
      max: 4,
      binding: 'share',
      problem: 'needs_more_than_share',
    })
  })

  it('says to leave what is right already', () => {
    expect(size({ replayAdvises: 9, presentMax: 9 }).reason).toMatch(/^Leave max at 9,/)
    expect(size({ replayAdvises: 9, presentMax: 10 }).reason).toMatch(/^Set max to 9,/)
  })

  it('follows the traffic beyond the cores, with a warning, since a hold may wait', () => {
    expect(size({ cores: 2, spindles: 0, trafficNeeds: 12 })).toMatchObject({
      max: 12,
      problem: 'needs_more_than_cores',
    })
  })

  it('never goes beyond the server’s limit, whatever is needed', () => {
    const found = size({ trafficNeeds: 50, maxConnections: 100, reserved: 20, instances: 4 })
    expect(found).toMatchObject({ max: 20, binding: 'share', problem: 'needs_more_than_share' })
    expect(found.reason).toContain('50 are needed')
  })

  it('is large enough that callers of several connections cannot lock each other out', () => {
    // 10 x (2 - 1) + 1 = 11
    expect(size({ threads: 10, connectionsPerThread: 2, trafficNeeds: 4 })).toMatchObject({
      max: 11,
      binding: 'deadlock',
    })
  })

  it('says what to do when there are more instances than slots', () => {
    const found = size({ maxConnections: 100, reserved: 10, instances: 200, trafficNeeds: 3 })
    expect(found).toMatchObject({ max: 0, min: 0, problem: 'no_slot_left' })
    expect(found.reason).toContain('PgBouncer')
  })

  it('knows nothing without anything', () => {
    expect(recommend(NOTHING_KNOWN)).toBeNull()
    expect(recommend({ ...NOTHING_KNOWN, instances: 3, waitMs: 1, serviceMs: 1 })).toBeNull()
  })

  it('answers whole connections within the limit or refuses, whatever it is given', () => {
    const any = fc.oneof(
      fc.constant(null),
      fc.integer({ min: 1, max: 300 }),
      fc.double(),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, 0),
    )
    const input = fc.record({
      cores: any,
      spindles: any,
      waitMs: any,
      serviceMs: any,
      maxConnections: any,
      reserved: any,
      instances: any,
      threads: any,
      connectionsPerThread: any,
      trafficNeeds: any,
      replayAdvises: any,
      presentMax: any,
    })
    fc.assert(
      fc.property(input, (given) => {
        try {
          const found = recommend(given)
          if (found === null) return
          for (const count of [found.max, found.min, found.total]) {
            expect(Number.isSafeInteger(count)).toBe(true)
            expect(count).toBeGreaterThanOrEqual(0)
          }
          expect(found.min).toBeLessThanOrEqual(found.max)
          expect(found.reason).not.toMatch(/NaN|Infinity|null|undefined/)
          const limit = found.bounds.find(({ code }) => code === 'share')?.total
          if (limit !== undefined && limit !== null) expect(found.total).toBeLessThanOrEqual(limit)
        } catch (error) {
          if (!(error instanceof RangeError || error instanceof TypeError)) throw error
          expect(error.message).toMatch(/ must /)
        }
      }),
      { numRuns: 3000 },
    )
  })
})
