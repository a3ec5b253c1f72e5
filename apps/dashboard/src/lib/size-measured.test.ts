import type { GroupDetail, History } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { factsOf } from './size-measured.ts'

const history = (
  checkoutsPerSec: (number | null)[],
  inUse: (number | null)[],
  more: History['columns'] = {},
): History => ({
  fromMs: 0,
  toMs: 1000,
  stepMs: 1000,
  atMs: inUse.map((_, i) => i * 1000),
  columns: { checkoutsPerSec, inUse, ...more },
})
const detail = {
  group: {
    service: 'checkout',
    name: 'orders',
    instances: 3,
    staleInstances: 1,
    max: 40,
    serverId: 'db',
  },
  pools: [
    { max: 20, acquireTimeoutMs: 5000, idleTimeoutMs: null },
    { max: 20, acquireTimeoutMs: 2000, idleTimeoutMs: 30_000 },
  ],
} as unknown as GroupDetail

describe(factsOf, () => {
  it('makes the mean hold of what is in use and what arrives', () => {
    // 6 in use on average at 200/s on average: 30 ms
    const { measured } = factsOf(detail, history([100, 300, null], [4, 8, 5]), null)
    expect(measured).toEqual({
      rate: 200,
      hold: 30,
      instances: 2,
      timeout: 2000,
      idle: 30_000,
      limit: null,
      reserved: null,
    })
  })

  it('does not know a hold when nothing arrives, nor anything without samples', () => {
    expect(factsOf(detail, history([0, 0], [0, 0]), null).measured).toMatchObject({ rate: 0, hold: null })
    expect(factsOf(detail, history([], []), null).measured).toMatchObject({ rate: null, hold: null })
  })

  it('tells how the pool is set and did', () => {
    const more = { idle: [8, null, 12], waitP95Ms: [4, 20, null] }
    expect(factsOf(detail, history([1, 1, 1], [1, 1, 1], more), null)).toMatchObject({
      name: 'checkout / orders',
      maxNow: 20,
      waitMs: 12,
      idleRatio: 0.25, // 10 of 40 on average
      serverId: 'db',
    })
  })
})
