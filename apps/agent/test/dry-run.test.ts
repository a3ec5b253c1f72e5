import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TempDir, tempDir } from '@poolscope/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DryRun } from '../src/alerts/dry-run.ts'
import { ChunkStore } from '../src/history/chunk-store.ts'
import { TickOf } from '../src/history/tick-of.ts'
import { DEFAULT_BUDGET_BYTES, DEFAULT_TIERS } from '../src/history/tiers.ts'
import { alertBench, FULL, type Second } from './alert-bench.ts'
import { runCommand } from './run-command.ts'

const BEGIN_MS = 1_700_000_000_000
const CALM: Second = {}
// The oldest waits for more than half of the time-out of five seconds.
const OUT: Second = { pool: { ...FULL.pool, oldestWaitMs: 3000 }, window: { timeouts: 2 } }
/** Half of the pool: well below the limits unless these are lowered. */
const HALF: Second = { pool: { inUse: 5, idle: 1 } }
/** Seconds of the recording, and how they went. */
const LIVED: [number, Second][] = [
  [400, CALM],
  [60, OUT],
  [300, HALF],
]
const LENGTH_MS = 760_000

let data: TempDir
let live: ReturnType<typeof alertBench>
const at = (name: string) => join(data.path, name)
const iso = (ms: number) => new Date(ms).toISOString()

beforeAll(async () => {
  data = await tempDir()
  const store = new ChunkStore({
    dir: at('data'),
    tiers: DEFAULT_TIERS,
    budgetBytes: DEFAULT_BUDGET_BYTES,
  })
  const tickOf = new TickOf()
  live = alertBench()
  live.onTick = (tick) => store.append(tickOf.take(tick))
  for (const [seconds, second] of LIVED) live.pass(seconds, second)
  store.close()
})
afterAll(() => data.stop())

async function judged(...args: string[]): Promise<DryRun> {
  const { code, stdout, stderr } = await runCommand(['alerts', '--dry-run', '--json', ...args])
  // On a busy machine it may say how far it is.
  expect([code, stderr.replace(/^Judged up to .*$\n?/gm, '')]).toEqual([0, ''])
  return JSON.parse(stdout) as DryRun
}

function configured(name: string, rules: unknown): string {
  // What else is in the file does not matter: neither servers nor secrets have to be there.
  writeFileSync(at(name), JSON.stringify({ rules, host: '0.0.0.0', notifiers: [{ type: 'slack' }] }))
  return at(name)
}

describe('poolscope alerts --dry-run', () => {
  it('says what the agent said then, with causes, symptoms and times', async () => {
    const { alerts, rows, subjects } = await judged('--data', at('data'))
    const then = live.engine.alerts(null, live.clock.atMs)
    const facts = (list: typeof alerts) =>
      list.map(({ rule, subject, severity, sinceMs, firedMs, resolvedMs, message, symptoms }) => ({
        rule,
        subject,
        severity,
        sinceMs,
        firedMs,
        resolvedMs,
        message,
        symptoms: symptoms.map((symptom) => symptom.rule).sort(),
      }))
    expect(facts(alerts)).toEqual(facts(then))
    // Full from second 401 on.
    expect(alerts).toMatchObject([
      {
        rule: 'exhaustion',
        severity: 'critical',
        state: 'resolved',
        sinceMs: BEGIN_MS + 401_000,
        // Time-outs are an alert after five seconds, and its cause is found after ten.
        firedMs: BEGIN_MS + 406_000,
        message: 'Out of connections: 10 of 10 in use, 3 callers waiting.',
        symptoms: expect.arrayContaining([
          expect.objectContaining({ rule: 'timeouts' }),
          expect.objectContaining({ rule: 'wait', severity: 'critical' }),
        ]),
      },
    ])
    expect(rows).toEqual([{ stepMs: 1000, coveredMs: LENGTH_MS }])
    expect(subjects).toBe(1)
  })

  it('says nothing of a healthy time, and what silence does not tell', async () => {
    const before = ['--data', at('data'), '--to', iso(BEGIN_MS + 401_000)]
    const { alerts, notJudged } = await judged(...before)
    expect(alerts).toEqual([])
    const never = notJudged.filter(({ ratio }) => ratio === 1).flatMap(({ rules }) => rules)
    expect(never).toEqual(expect.arrayContaining(['leak', 'idle-in-transaction', 'held-during-io']))
    expect(never).not.toContain('exhaustion')
    const { code, stdout } = await runCommand(['alerts', '--dry-run', ...before])
    expect(code).toBe(0)
    expect(stdout).toContain('Nothing would have fired.')
    expect(stdout).toMatch(
      /^Not judged, so that silence says nothing:\n(?: {2}.*\n)* {2}leak, held-during-io \(checkout \/ orders\): /m,
    )
  })

  it('answers to the thresholds of a configuration, and to rules that are off', async () => {
    const rules = async (name: string, changed: unknown, ...range: string[]) => {
      const { alerts, off } = await judged(
        '--data',
        at('data'),
        '--config',
        configured(name, changed),
        ...range,
      )
      return { fired: alerts.map(({ rule }) => rule), off }
    }
    const half = ['--from', iso(BEGIN_MS + 500_000)]
    expect((await rules('same.json', {}, ...half)).fired).toEqual([])
    const lower = { utilization: { warnRatio: 0.4, warnClearRatio: 0.3, warnForMs: 30_000 } }
    expect((await rules('lower.json', lower, ...half)).fired).toEqual(['utilization'])
    const patient = { exhaustion: { criticalForMs: 120_000 } }
    expect((await rules('patient.json', patient)).fired).not.toContain('exhaustion')
    expect(await rules('off.json', { exhaustion: 'off', waiters: 'off' })).toMatchObject({
      off: ['exhaustion', 'waiters'],
      fired: expect.not.arrayContaining(['exhaustion', 'waiters']),
    })
  })

  it('judges an exported file the same, and shows it as text', async () => {
    const range = ['--from', iso(BEGIN_MS), '--to', iso(BEGIN_MS + LENGTH_MS)]
    const exported = await runCommand(['export', ...range, '--data', at('data'), '--out', at('a.db')])
    expect(exported.code).toBe(0)
    const [fromFile, fromData] = [await judged(at('a.db')), await judged('--data', at('data'))]
    expect(fromFile).toEqual(fromData)
    const { stdout } = await runCommand(['alerts', '--dry-run', at('a.db')])
    expect(stdout).toContain(`1 alert would have fired:

critical exhaustion: checkout / orders
  since ${iso(BEGIN_MS + 401_000).replace('.000', '')}, fires at ${iso(BEGIN_MS + 406_000).replace('.000', '')}, until `)
    expect(stdout).toMatch(/^ {2}with timeouts: /m)
  })

  it.each([
    [[], 2, 'It needs --dry-run.'],
    [['--dry-run', 'a', 'b'], 2, 'Name one file.'],
    [['--dry-run', 'a', '--data', 'b'], 2, 'Give a file or --data, not both.'],
    [['--dry-run', '--from', 'then'], 2, '--from expects a time'],
    [['--dry-run', '--from', '2026-01-02', '--to', '2026-01-01'], 2, '--from must be before --to.'],
    [['--dry-run', '/no/such.db'], 1, 'There is no file /no/such.db.'],
    [['--dry-run', '--data', '/no/such'], 1, '/no/such holds no history.'],
    [['--dry-run', import.meta.filename], 1, 'The file of the history is not one of ours.'],
  ])('says what is wrong with %j', async (args, code, message) => {
    const found = await runCommand(['alerts', ...args])
    expect(found).toMatchObject({ code, stdout: '' })
    expect(found.stderr).toContain(message)
  })

  it('says what a configuration has wrong, and when there is something to judge', async () => {
    const wrong = configured('wrong.json', { exhaustion: { criticalForMs: -1 } })
    expect(await runCommand(['alerts', '--dry-run', '--data', at('data'), '--config', wrong])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('rules.exhaustion.criticalForMs'),
    })
    const later = ['--from', iso(BEGIN_MS + 86_400_000), '--to', iso(BEGIN_MS + 90_000_000)]
    expect(await runCommand(['alerts', '--dry-run', '--data', at('data'), ...later])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /Nothing is recorded from 2023-11-15T.*; what is there is of 2023-11-14T22:13:21Z to /,
      ),
    })
  })
})
