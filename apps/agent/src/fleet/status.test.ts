import { describe, expect, it } from 'vitest'
import { judgeKeptPool } from './status.ts'

const judge = (over: Partial<Parameters<typeof judgeKeptPool>[0]>) => {
  const pool = { stale: false, max: 5, inUse: 2, waiting: 0, oldestWaitMs: null, ...over }
  const ratio = pool.max === null || pool.inUse === null ? null : pool.inUse / pool.max
  return judgeKeptPool({ ...pool, utilizationRatio: ratio })
}

describe(judgeKeptPool, () => {
  it('is content when nobody waits and there is room', () => {
    expect(judge({})).toEqual({ status: 'ok', reason: null })
  })

  it('warns of a full pool in which clients wait for a moment, and is alarmed after a second', () => {
    const full = { inUse: 5, waiting: 1 }
    expect(judge({ ...full, oldestWaitMs: 80 })).toEqual({
      status: 'warning',
      reason: 'Out of server connections: 5 of 5 in use, 1 client waits, the longest for 0.1 s.',
    })
    expect(judge({ ...full, waiting: 40, oldestWaitMs: 12_400 })).toEqual({
      status: 'critical',
      reason: 'Out of server connections: 5 of 5 in use, 40 clients wait, the longest for 12 s.',
    })
  })

  it('says what may be wrong when clients wait although there is room', () => {
    const { status, reason } = judge({ waiting: 3, oldestWaitMs: 2000 })
    expect(status).toBe('warning')
    expect(reason).toMatch(
      /^3 clients wait, the longest for 2.0 s, with 2 of 5 server connections in use: .*paused/,
    )
    expect(judge({ waiting: 3, oldestWaitMs: 15_000 }).status).toBe('critical')
  })

  it('warns when it is nearly full', () => {
    expect(judge({ inUse: 5 })).toEqual({
      status: 'warning',
      reason: 'Full, though no client waits: 5 of 5 server connections in use.',
    })
  })

  it('does without a limit that is not known, and calls what is old old', () => {
    expect(judge({ max: null })).toEqual({ status: 'ok', reason: null })
    expect(judge({ stale: true, waiting: 9 }).status).toBe('stale')
  })
})
