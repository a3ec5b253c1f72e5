import type { PoolReport } from '@poolscope/protocol'
import type { FakeAgent } from './agent.ts'

/** How many durations a histogram holds. */
export function counted(histogram: { buckets: number[] }): number {
  return histogram.buckets.reduce((total, value, i) => total + (i % 2 === 1 ? value : 0), 0)
}

/** What was counted of a pool over all its reports that arrived. */
export function totalsOf(agent: FakeAgent, name: string) {
  const windows = agent.all(name).map((report) => report.window)
  const sum = (of: (window: PoolReport['window']) => number) =>
    windows.reduce((total, window) => total + of(window), 0)
  return {
    checkouts: sum((window) => window.checkouts),
    timeouts: sum((window) => window.timeouts),
    errors: sum((window) => window.errors),
    created: sum((window) => window.created),
    destroyed: sum((window) => window.destroyed),
    waits: sum((window) => counted(window.wait)),
    holds: sum((window) => counted(window.hold)),
    creates: sum((window) => counted(window.create)),
    waitMs: sum((window) => window.wait.sumMs),
    holdMs: sum((window) => window.hold.sumMs),
  }
}
