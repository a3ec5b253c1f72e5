import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Alert } from '@poolscope/protocol'
import { tempDir } from '@poolscope/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { AlertEngine, type EngineState } from '../src/alerts/engine.ts'
import { FileLog } from '../src/alerts/file-log.ts'
import { StateFile } from '../src/alerts/state-file.ts'
import { alertBench, FULL, leaked } from './alert-bench.ts'

const fail = (error: unknown) => {
  throw error
}

describe(AlertEngine, () => {
  it('lets a verdict last before it fires, and be well for a while before it ends', () => {
    const bench = alertBench()
    bench.pass(5)
    expect(bench.engine.alerts(null, bench.clock.atMs)).toEqual([])
    bench.pass(10, FULL)
    expect(bench.pending().map(({ rule }) => rule)).toContain('exhaustion')
    expect(bench.firing()).toEqual([])
    bench.pass(1, FULL)
    const [alert] = bench.firing()
    expect(alert).toMatchObject({
      rule: 'exhaustion',
      severity: 'critical',
      state: 'firing',
      subjectName: 'checkout / orders',
    })
    expect(alert?.sinceMs).toBe((alert?.firedMs as number) - 10_000)
    bench.pass(30)
    expect(bench.firing()).toHaveLength(1)
    bench.pass(1)
    expect(bench.firing()).toEqual([])
    expect(bench.engine.alerts('resolved', bench.clock.atMs)).toMatchObject([
      { id: alert?.id, state: 'resolved' },
    ])
    expect(bench.news()).toEqual(['firing exhaustion critical', 'resolved exhaustion critical'])
  })

  it('forgets what did not last', () => {
    const bench = alertBench()
    bench.pass(9, FULL)
    bench.pass(1)
    bench.pass(9, FULL)
    expect(bench.news()).toEqual([])
    bench.pass(1)
    expect(bench.pending()).toEqual([])
  })

  it('pages once for a leak that exhausts a pool that times out callers', () => {
    const bench = alertBench()
    bench.pass(3)
    const holders = Array.from({ length: 10 }, () => leaked(bench.clock.atMs - 60_000))
    const out = { ...FULL, window: { checkouts: 0, timeouts: 5 }, holders }
    bench.pass(150, out)
    expect(bench.news()).toEqual(['firing leak critical'])
    const [alert, ...more] = bench.firing()
    expect(more).toEqual([])
    expect(alert?.symptoms.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['exhaustion', 'timeouts', 'stuck', 'waiters', 'utilization']),
    )
    expect(alert?.evidence.holders[0]).toMatchObject({
      sessionPid: 7,
      sessionState: 'idle',
      lastStatement: 'SELECT $1',
      stack: ['async buy (/app/src/buy.ts:7:9)'],
    })
  })

  it('keeps one alert when the cause is found after its symptom', () => {
    const bench = alertBench()
    bench.pass(40, FULL)
    const [before] = bench.firing()
    bench.pass(10, { ...FULL, holders: [leaked(bench.clock.atMs - 31_000)] })
    const [after, ...more] = bench.firing()
    expect(more).toEqual([])
    expect([before?.rule, after?.rule]).toEqual(['exhaustion', 'leak'])
    expect(after?.id).toBe(before?.id)
    expect(bench.news()).toEqual(['firing exhaustion critical'])
    expect(bench.told[0]?.opened).toEqual({ rule: 'exhaustion', subject: before?.subject })
  })

  it('tells of a warning that becomes critical, and not of one that calms', () => {
    const bench = alertBench()
    bench.pass(130, { pool: { inUse: 9, max: 10 } })
    expect(bench.news()).toEqual(['firing utilization warn'])
    bench.pass(61, { pool: { inUse: 10, max: 10 } })
    expect(bench.news()).toEqual(['firing utilization warn', 'worse utilization critical'])
    bench.pass(60, { pool: { inUse: 8, max: 10 } })
    expect(bench.firing()).toMatchObject([{ severity: 'warn' }])
    bench.pass(61, { pool: { inUse: 10, max: 10 } })
    expect(bench.news()).toHaveLength(2)
  })

  it('is steady about what flaps, and says so', () => {
    const bench = alertBench()
    for (let i = 0; i < 5; i++) {
      bench.pass(11, FULL)
      bench.pass(31)
    }
    expect(bench.news().filter((news) => news.startsWith('firing'))).toHaveLength(5)
    expect(bench.firing()).toMatchObject([{ flapping: true }])
    for (let i = 0; i < 5; i++) {
      bench.pass(11, FULL)
      bench.pass(31)
    }
    // Four ends before it was known to flap.
    expect(bench.news()).toHaveLength(9)
    bench.pass(601)
    expect(bench.firing()).toEqual([])
    expect(bench.news().at(-1)).toBe('resolved exhaustion critical')
  })

  it('takes no missing report for good news', () => {
    const bench = alertBench()
    bench.pass(15, FULL)
    bench.pass(120, { silent: true })
    expect(bench.firing().map(({ rule }) => rule)).toContain('exhaustion')
    // Ten minutes after its last report a pool is forgotten; ten minutes later so is its alert.
    bench.pass(1200, { silent: true })
    expect(bench.firing()).toEqual([])
  })

  it('moves nothing when the wall clock leaps', () => {
    const bench = alertBench()
    bench.pass(5, FULL)
    bench.clock.advance(25 * 3_600_000)
    bench.pass(1, FULL)
    bench.clock.advance(-26 * 3_600_000)
    bench.pass(1, FULL)
    // A leap counts as ten seconds at most, which is what the rule asks for; a leap back as none.
    expect(bench.news().length).toBeLessThanOrEqual(1)
    const calm = alertBench()
    calm.pass(5)
    calm.clock.advance(25 * 3_600_000)
    calm.pass(5)
    expect(calm.news()).toEqual([])
  })

  it('keeps quiet what is silenced, and tells of it when the silence ends', () => {
    const bench = alertBench()
    const silence = bench.engine.silence(
      { rule: 'exhaustion', comment: 'known', untilMs: bench.clock.atMs + 60_000 },
      bench.clock.atMs,
    )
    bench.pass(30, FULL)
    expect(bench.news()).toEqual([])
    expect(bench.firing()).toMatchObject([{ silenceId: silence?.id }])
    bench.pass(35, FULL)
    expect(bench.news()).toEqual(['firing exhaustion critical'])
  })

  it('stays silent about an alert whose cause is found after it was silenced, and about no later one', () => {
    const bench = alertBench()
    bench.pass(15, FULL)
    const [{ rule, subject } = { rule: '', subject: '' }] = bench.firing()
    expect(rule).toBe('exhaustion')
    const untilMs = bench.clock.atMs + 3_600_000
    const silence = bench.engine.silence({ rule, subject, comment: 'known', untilMs }, bench.clock.atMs)
    const leaking = () => ({ ...FULL, holders: [leaked(bench.clock.atMs - 31_000)] })
    bench.pass(10, leaking())
    expect(bench.firing()).toMatchObject([{ rule: 'leak', silenceId: silence?.id }])
    bench.pass(60)
    expect(bench.firing()).toEqual([])
    bench.pass(15, FULL)
    expect(bench.firing()).toMatchObject([{ rule: 'exhaustion', silenceId: silence?.id }])
    bench.pass(10, leaking())
    expect(bench.firing()).toMatchObject([{ rule: 'leak', silenceId: null }])
    expect(bench.news()).toEqual([
      'firing exhaustion critical',
      'resolved leak critical',
      'firing leak critical',
    ])
  })

  it('does not take a silence of a rule everywhere for one of the alert whose cause is found', () => {
    const bench = alertBench()
    bench.pass(15, FULL)
    const untilMs = bench.clock.atMs + 3_600_000
    bench.engine.silence({ rule: 'exhaustion', comment: 'noisy', untilMs }, bench.clock.atMs)
    bench.pass(10, { ...FULL, holders: [leaked(bench.clock.atMs - 31_000)] })
    expect(bench.firing()).toMatchObject([{ rule: 'leak', silenceId: null }])
  })

  it('tells nobody of the end of what nobody was told of', () => {
    const bench = alertBench()
    bench.engine.silence({ comment: 'all', untilMs: bench.clock.atMs + 3_600_000 }, bench.clock.atMs)
    bench.pass(30, FULL)
    bench.pass(40)
    expect(bench.news()).toEqual([])
    expect(bench.engine.alerts('resolved', bench.clock.atMs)).toHaveLength(1)
  })

  it('refuses a silence that is over', () => {
    const bench = alertBench()
    expect(bench.engine.silence({ comment: 'late', untilMs: bench.clock.atMs }, bench.clock.atMs)).toBeNull()
  })

  it('remembers who took an alert on', () => {
    const bench = alertBench()
    bench.pass(15, FULL)
    const { id } = bench.firing()[0] as Alert
    const takenMs = bench.clock.atMs
    bench.engine.acknowledge(id, takenMs)
    bench.pass(5, FULL)
    bench.engine.acknowledge(id, bench.clock.atMs)
    expect(bench.firing()).toMatchObject([{ acknowledgedMs: takenMs }])
    expect(bench.engine.acknowledge('none', takenMs)).toBeUndefined()
  })

  it('takes thresholds from the configuration, and leaves out rules that are off', () => {
    const rules = {
      exhaustion: { enabled: false, settings: {} },
      waiters: { enabled: true, settings: { warnForMs: 5000 } },
    }
    const bench = alertBench({ rules })
    bench.pass(7, { pool: { inUse: 10, waiting: 3 } })
    expect(bench.news()).toEqual(['firing waiters warn'])
  })

  it('says once when an alert begins to fire', () => {
    const bench = alertBench()
    bench.pass(15, FULL)
    bench.pass(40)
    const id = bench.told[0]?.alert.id
    expect(bench.begun).toEqual([id])
  })
})

describe('a restart of the agent', () => {
  const closers: (() => unknown)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  async function kept() {
    const dir = await tempDir()
    closers.push(() => dir.stop())
    const options = () => {
      const state = new StateFile<EngineState>(join(dir.path, 'alerts.json'), fail)
      const log = new FileLog(join(dir.path, 'alerts.jsonl'), fail)
      // The folder goes once all is written.
      closers.push(() => Promise.all([state.close(), log.close()]))
      return { state, log }
    }
    return { dir: dir.path, options }
  }

  it('goes on with what fired, and tells nobody again', async () => {
    const { options } = await kept()
    const first = options()
    const bench = alertBench(first)
    bench.pass(15, FULL)
    const { id } = bench.firing()[0] as Alert
    bench.engine.acknowledge(id, bench.clock.atMs)
    await first.state.close()

    bench.engine = bench.make(options())
    expect(bench.firing()).toMatchObject([{ id, rule: 'exhaustion', acknowledgedMs: expect.any(Number) }])
    bench.pass(60, FULL)
    expect(bench.news()).toEqual(['firing exhaustion critical'])
    bench.pass(31)
    expect(bench.news()).toEqual(['firing exhaustion critical', 'resolved exhaustion critical'])
  })

  it('keeps silences and what is over', async () => {
    const { options } = await kept()
    const first = options()
    const bench = alertBench(first)
    bench.pass(15, FULL)
    bench.pass(31)
    bench.engine.silence({ comment: 'all', untilMs: bench.clock.atMs + 3_600_000 }, bench.clock.atMs)
    await Promise.all([first.state.close(), first.log.close()])

    bench.engine = bench.make(options())
    expect(bench.engine.alerts('resolved', bench.clock.atMs)).toMatchObject([
      { rule: 'exhaustion', state: 'resolved' },
    ])
    bench.pass(60, FULL)
    expect(bench.news()).toHaveLength(2)
  })

  it('begins anew from a state that is no JSON, and reads a log whose last line was cut off', async () => {
    const { dir, options } = await kept()
    const errors: unknown[] = []
    writeFileSync(join(dir, 'alerts.json'), '{"incidents":[')
    writeFileSync(join(dir, 'alerts.jsonl'), '{"id":"a","rule":"leak"}\n{"id":"b","ru')
    const state = new StateFile<EngineState>(join(dir, 'alerts.json'), (error) => errors.push(error))
    const bench = alertBench({ ...options(), state })
    expect(bench.firing()).toEqual([])
    expect(errors).toHaveLength(1)
    expect(bench.engine.alerts('resolved', bench.clock.atMs).map(({ id }) => id)).toEqual(['a'])
  })
})
