import { describe, expect, it } from 'vitest'
import type { StatementCounters, StatementTotals } from '../sources/source.ts'
import { StatementWindow } from './statement-window.ts'

const statement = (id: string, calls: number, totalMs: number): StatementCounters => ({
  id,
  text: `SELECT ${id}`,
  user: 'app',
  database: 'shop',
  calls,
  totalMs,
  rows: calls * 2,
  maxMs: 9,
  p95Ms: null,
})
const totals = (statements: StatementCounters[], over: Partial<StatementTotals> = {}): StatementTotals => ({
  source: 'pg_stat_statements',
  epoch: 'one',
  complete: true,
  statements,
  ...over,
})
const ask = (window: StatementWindow, windowMs = 900_000) =>
  window.answer({ order: 'total', limit: 10, windowMs }, (user, database) => [`${user}@${database}`])

describe('StatementWindow', () => {
  it('knows nothing before the second reading', () => {
    const window = new StatementWindow()
    window.take(totals([statement('a', 1000, 5000)]), 1000)
    expect(ask(window)).toMatchObject({ windowMs: null, statements: [], source: 'pg_stat_statements' })
  })

  it('tells what was added between readings, most time first', () => {
    const window = new StatementWindow()
    window.take(totals([statement('a', 1000, 5000), statement('b', 10, 10)]), 0)
    window.take(totals([statement('a', 1010, 5100), statement('b', 20, 310)]), 10_000)
    const { windowMs, statements } = ask(window)
    expect(windowMs).toBe(10_000)
    expect(statements).toMatchObject([
      { id: 'b', calls: 10, totalMs: 300, meanMs: 30, rows: 20, shareRatio: 0.75, poolIds: ['app@shop'] },
      { id: 'a', calls: 10, totalMs: 100, meanMs: 10, shareRatio: 0.25 },
    ])
  })

  it('narrows to the window that is asked for', () => {
    const window = new StatementWindow()
    for (let i = 0; i <= 12; i++) window.take(totals([statement('a', i * 10, i * 100)]), i * 10_000)
    expect(ask(window, 60_000).statements).toMatchObject([{ calls: 60 }])
    expect(ask(window).statements).toMatchObject([{ calls: 120 }])
  })

  it('begins anew when the counters were reset', () => {
    const window = new StatementWindow()
    window.take(totals([statement('a', 1000, 5000)]), 0)
    window.take(totals([statement('a', 5, 10)], { epoch: 'two' }), 10_000)
    expect(ask(window).statements).toEqual([])
    window.take(totals([statement('a', 6, 12)], { epoch: 'two' }), 20_000)
    expect(ask(window).statements).toMatchObject([{ calls: 1, totalMs: 2 }])
  })

  it('takes a statement that fell out and came back for what it counts now', () => {
    const window = new StatementWindow()
    window.take(totals([statement('a', 1000, 5000)]), 0)
    window.take(totals([statement('a', 3, 30)]), 10_000)
    expect(ask(window).statements).toMatchObject([{ calls: 3, totalMs: 30 }])
  })

  it('counts a new statement of a whole list, and not one that a cut list may have hidden', () => {
    for (const complete of [true, false]) {
      const window = new StatementWindow()
      window.take(totals([statement('a', 1, 1)], { complete }), 0)
      window.take(totals([statement('a', 1, 1), statement('b', 7, 70)], { complete }), 10_000)
      expect(ask(window).statements.map(({ calls }) => calls)).toEqual(complete ? [7] : [])
    }
  })

  it('forgets what is older than its longest window', () => {
    const window = new StatementWindow()
    for (let i = 0; i < 200; i++) window.take(totals([statement('a', i, i)]), i * 10_000)
    expect(ask(window, Number.POSITIVE_INFINITY).windowMs).toBeLessThanOrEqual(901_000)
  })
})
