import { describe, expect, it } from 'vitest'
import { eventually } from './eventually.ts'

/** For longer than the time-out of the test that calls it. */
function standStill(): void {
  const endMs = performance.now() + 300
  while (performance.now() < endMs);
}

describe(eventually, () => {
  it('answers the first result that is neither false nor thrown', async () => {
    const results = [false, new Error('not yet'), 0]
    const attempt = () => {
      const next = results.shift()
      if (next instanceof Error) throw next
      return next
    }
    expect(await eventually(attempt, { everyMs: 1 })).toBe(0)
    expect(results).toEqual([])
  })

  it('takes nothing off the time-out for a machine that stands still', async () => {
    let attempts = 0
    const attempt = () => {
      attempts += 1
      if (attempts === 1) setTimeout(standStill, 5)
      return attempts > 2
    }
    expect(await eventually(attempt, { timeoutMs: 100, everyMs: 10 })).toBe(true)
  })

  it('throws after the time-out, with what was thrown last', async () => {
    const never = () => {
      throw new Error('still not')
    }
    await expect(eventually(never, { timeoutMs: 5, everyMs: 1 })).rejects.toThrow(
      'Not within 5 ms: still not',
    )
    await expect(eventually(() => false, { timeoutMs: 5, everyMs: 1 })).rejects.toThrow('Not within 5 ms')
  })
})
