import { describe, expect, it } from 'vitest'
import { ConnectionBudget } from './connection-budget.ts'

describe('ConnectionBudget', () => {
  it('lets five connect in any second', () => {
    let nowMs = 0
    const budget = new ConnectionBudget(() => nowMs)
    const together = Array.from({ length: 12 }, () => budget.delayMs())
    expect(together).toEqual([0, 0, 0, 0, 0, 1000, 1000, 1000, 1000, 1000, 2000, 2000])
    nowMs = 2500
    expect([budget.delayMs(), budget.delayMs(), budget.delayMs(), budget.delayMs()]).toEqual([0, 0, 0, 500])
  })

  it('does not hold up who is stopped', async () => {
    const budget = new ConnectionBudget()
    for (let i = 0; i < 100; i++) budget.delayMs()
    const stopping = new AbortController()
    const turn = budget.turn(stopping.signal)
    stopping.abort()
    await expect(turn).resolves.toBeUndefined()
  })
})
