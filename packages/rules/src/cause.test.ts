import type { Cause } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { group, groupWindow, holder, NOW, pool, series, server, session } from '../test/windows.ts'
import { causeOf } from './cause.ts'
import { stuck } from './rules/stuck.ts'
import type { GroupWindow } from './windows.ts'

const FULL = {
  inUse: 10,
  inUsePeak: 10,
  waiting: 4,
  waitMs: { p50: 50, p95: 400, p99: 500, max: 600 },
} as const
const hold = (p95: number) => ({ holdMs: { p50: p95 / 2, p95, p99: p95, max: p95 } })
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)
const usual = { day: series({ holdP95Ms: [18, 20, 22] }) }
const idle = () => holder({ activity: 'idle', quietMs: 900, heldMs: 1000 })
const waits = (id: string) => group({ id, waiting: 3, waitMs: { p50: 1, p95: 300, p99: 1, max: 1 } })

const STILL = { ...FULL, checkoutsPerSec: 0, holdMs: { p50: null, p95: null, p99: null, max: null } } as const

const CASES: [string, GroupWindow, Cause['cause'], RegExp][] = [
  ['all is calm', groupWindow(), 'healthy', /Nobody waits/],
  [
    'full, with holds as short as ever',
    groupWindow({ ...FULL, ...hold(20) }, usual),
    'undersized',
    /too small/,
  ],
  [
    'full, with holds ten times as long in which the database works',
    groupWindow(
      { ...FULL, ...hold(200) },
      { ...usual, holders: times(8, () => holder({ lastStatement: 'SELECT $1' })) },
    ),
    'slow_query',
    /200 ms instead of 20 ms.*SELECT \$1/,
  ],
  [
    'full, with nothing that comes back and nobody who tells why',
    groupWindow(STILL, {
      ...usual,
      holders: times(10, () =>
        holder({ activity: 'unknown', quietMs: null, sessionState: null, heldMs: 40_000 }),
      ),
    }),
    'unknown',
    /Nothing comes back.*all 10 connections/,
  ],
  [
    'full, with nothing that comes back because the database works on all of it',
    groupWindow(STILL, {
      ...usual,
      holders: times(10, () => holder({ activity: 'running', heldMs: 40_000, lastStatement: 'SELECT $1' })),
    }),
    'slow_query',
    /40 s instead of 20 ms.*SELECT \$1/,
  ],
  [
    'full, with connections that nobody uses at the moment',
    groupWindow(
      { ...FULL, ...hold(200) },
      { ...usual, holders: [...times(6, idle), ...times(2, () => holder())] },
    ),
    'held_during_io',
    /75 %/,
  ],
  [
    'a silent holder, even when the pool is also full',
    groupWindow(FULL, {
      holders: [
        holder({ activity: 'idle', heldMs: 70_000, suspectedSinceMs: NOW, stack: ['buy (buy.ts:1:1)'] }),
      ],
    }),
    'leak',
    /taken at buy/,
  ],
  [
    'holders that wait for another session',
    groupWindow(FULL, {
      holders: times(3, () =>
        holder({
          activity: 'blocked',
          blockedBy: { sessionPid: 7, poolId: null, service: 'backoffice', stack: null },
        }),
      ),
    }),
    'lock',
    /behind session 7 of backoffice/,
  ],
  [
    'sessions that wait for a lock',
    groupWindow(FULL, { sessions: [session({ state: 'active', waitEventType: 'Lock' })] }),
    'lock',
    /waits for a lock/,
  ],
  [
    'a transaction that idles',
    groupWindow({}, { sessions: [session({ state: 'idle in transaction', stateMs: 20_000 })] }),
    'lock',
    /idled for 20 s/,
  ],
  [
    'a server without room',
    groupWindow(FULL, {
      server: server({ connections: { active: 1, idle: 94, idleInTransaction: 0, other: 0, total: 95 } }),
    }),
    'database_saturated',
    /95 of 100/,
  ],
  [
    'all pools of the server at once',
    groupWindow(FULL, { neighbours: [waits('b'), waits('c')] }),
    'database_saturated',
    /all 3 pools/,
  ],
  [
    'connections that are opened for each use',
    groupWindow({
      waiting: 1,
      createdPerSec: 40,
      checkoutsPerSec: 80,
      createMs: { p50: 30, p95: 60, p99: 60, max: 60 },
      waitMs: { p50: 30, p95: 110, p99: 1, max: 1 },
    }),
    'churn',
    /to be opened/,
  ],
  [
    'a pooler behind a calm pool',
    groupWindow(
      { inUse: 10 },
      {
        server: server({ system: 'pgbouncer' }),
        neighbours: [group({ system: 'pgbouncer', origin: 'observed', inUse: 10, waiting: 5 })],
      },
    ),
    'pooler_bound',
    /5 clients wait/,
  ],
  [
    'a pool of a pooler with clients that wait',
    groupWindow({ system: 'pgbouncer', origin: 'observed', inUse: 10, waiting: 2 }),
    'pooler_bound',
    /2 clients wait/,
  ],
  [
    'a pool of a pooler without',
    groupWindow({ system: 'pgbouncer', origin: 'observed' }),
    'healthy',
    /No client waits/,
  ],
  [
    'waits of the last minutes that are over',
    groupWindow({}, { recent: series({ waitingPeak: [0, 7, 0], waitMaxMs: [1, 300, 1] }, 1000) }),
    'burst',
    /Up to 7 callers.*300 ms.*recovered/,
  ],
  ['nothing that is measured', groupWindow({ origin: 'observed', waiting: null }), 'unknown', /No probe/],
  ['waits without a reason that can be seen', groupWindow({ waiting: 1 }), 'unknown', /does not say why/],
]

describe(causeOf, () => {
  it.each(CASES)('tells from %s', (_what, window, cause, sentence) => {
    const found = causeOf(window)
    expect(found).toMatchObject({ subject: 'group-1', cause })
    expect(found.sentence).toMatch(sentence)
    expect(found.sentence).not.toMatch(/NaN|undefined|Infinity/)
  })

  it('does not call a burst a trouble while it lasts for less than a long wait', () => {
    const window = groupWindow({}, { recent: series({ waitingPeak: [3], waitMaxMs: [100] }, 1000) })
    expect(causeOf(window).cause).toBe('healthy')
  })

  it('never calls a pool too small while it is stuck', () => {
    const found = CASES.filter(
      ([, window]) => stuck.evaluate(window, stuck.settings, 'ok').level === 'critical',
    )
    expect(found.length).toBeGreaterThanOrEqual(2)
    expect(found.map(([, window]) => causeOf(window).cause)).not.toContain('undersized')
  })

  it('takes one instance that is full among many for a pool that is too small', () => {
    const pools = [pool(), pool({ inUse: 10, inUsePeak: 10, waiting: 3 })]
    expect(causeOf(groupWindow({}, { pools, group: { waiting: 3 } })).cause).toBe('undersized')
  })
})
