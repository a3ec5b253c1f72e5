import type { Alerts } from '@poolscope/protocol'
import { GROUP_DAY_COLUMNS } from '@poolscope/rules'
import { eventually, type TempDir, tempDir } from '@poolscope/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { STEP_MS } from '../src/alerts/day-window.ts'
import { columnsOf, pastDays } from '../src/alerts/past-days.ts'
import { resolveConfig } from '../src/config/resolve-config.ts'
import { TickOf } from '../src/history/tick-of.ts'
import { WorkerStore } from '../src/history/worker-store.ts'
import { startAgent } from '../src/start-agent.ts'
import { alertBench } from './alert-bench.ts'
import { aPool, aReport, histogramOf } from './support.ts'

const TICK_MS = 10_000
const LIVED_MS = 80 * 60_000

let dir: TempDir
const before = alertBench()
const config = () =>
  resolveConfig({
    flags: { port: '0', data: dir.path },
    env: {},
    file: { logLevel: 'silent' },
    readSecretFile: () => '',
  })
/** One more connection is in use with every step, and the work stays the same. */
const creeping = (atMs: number, fromMs: number) => {
  const inUse = 1 + Math.floor((atMs - fromMs) / STEP_MS)
  const busy = { checkouts: 500, inUsePeak: inUse + 2, hold: histogramOf(...Array(500).fill(20)) }
  return aReport([aPool({ max: 50, inUse, idle: 3 }, busy)], { windowMs: TICK_MS })
}

beforeAll(async () => {
  dir = await tempDir()
  const store = await WorkerStore.open({
    ...config().history,
    dir: dir.path,
    now: Date.now,
    onChange: () => {},
  })
  const tickOf = new TickOf()
  const nowMs = Date.now()
  before.clock.atMs = nowMs - LIVED_MS
  let ticks = 0
  while (before.clock.atMs < nowMs) {
    before.clock.advance(TICK_MS)
    before.fleet.takeReport(creeping(before.clock.atMs, nowMs - LIVED_MS))
    const tick = before.fleet.tick()
    before.engine.observe(tick)
    store.append(tickOf.take(tick))
    ticks += 1
    // The store takes a minute of ticks at a time.
    if (ticks % 30 === 0)
      await eventually(() => store.status().storedTicksTotal === ticks, { timeoutMs: 60_000 })
  }
  await store.close()
})
afterAll(() => dir.stop())

describe('an agent that is started again', () => {
  it('remembers of the last day what it would have remembered', async () => {
    const store = await WorkerStore.open({
      ...config().history,
      dir: dir.path,
      now: Date.now,
      onChange: () => {},
    })
    const after = alertBench()
    after.clock.atMs = before.clock.atMs
    const past = await pastDays(columnsOf(store), after.clock.atMs, new AbortController().signal)
    await store.close()
    after.engine.judge.windows.recall(past, after.clock.atMs)
    const report = creeping(after.clock.atMs, after.clock.atMs - LIVED_MS)
    after.fleet.takeReport(report)
    after.engine.observe(after.fleet.tick())
    const dayOf = ({ engine, fleet }: typeof after) => {
      const day = engine.judge.windows.of(fleet.snapshot()).groups[0]?.day
      // Eleven steps at the least are behind, without the first, which began within it.
      return GROUP_DAY_COLUMNS.map((column) =>
        Array.from({ length: 11 }, (_, i) => day?.at(column, day.length - 11 + i)),
      )
    }
    const [then, now] = [dayOf(before), dayOf(after)]
    expect(then.flat()).not.toContain(null)
    for (const [i, column] of GROUP_DAY_COLUMNS.entries()) {
      for (const [step, value] of (then[i] as number[]).entries()) {
        // Stored averages have three digits.
        expect([column, step, (now[i]?.[step] as number) / value]).toEqual([
          column,
          step,
          expect.closeTo(1, 2),
        ])
      }
    }
    expect(before.firing().map(({ rule }) => rule)).toContain('leak-slope')
    expect(after.firing().map(({ rule }) => rule)).toContain('leak-slope')
  })

  it('judges by the last hour at once', async () => {
    const agent = await startAgent(config())
    const headers = { 'content-type': 'application/json' }
    const report = () => JSON.stringify(creeping(Date.now(), Date.now() - LIVED_MS))
    try {
      await eventually(async () => {
        await fetch(`${agent.url}/api/v1/reports`, { method: 'POST', headers, body: report() })
        const answer = await fetch(`${agent.url}/api/v1/alerts?state=firing`)
        return ((await answer.json()) as Alerts).alerts.some(({ rule }) => rule === 'leak-slope')
      })
    } finally {
      await agent.close()
    }
  })
})
