import type { Holder, PoolReport } from '@poolscope/protocol'
import { MemoryLog } from '../src/alerts/alert-log.ts'
import { AlertEngine, type EngineOptions, type EngineState, type Transition } from '../src/alerts/engine.ts'
import { StateFile } from '../src/alerts/state-file.ts'
import { Fleet } from '../src/fleet/fleet.ts'
import type { Tick } from '../src/fleet/fleet-series.ts'
import { aPool, aReport, manualClock } from './support.ts'

/** What a pool does in one second of a test. */
export type Second = {
  pool?: Partial<PoolReport>
  window?: Partial<PoolReport['window']>
  holders?: Holder[]
  silent?: boolean
}

/** An engine over a real fleet of one pool, with a clock that the test moves second by second. */
export function alertBench(over: Partial<EngineOptions> = {}) {
  const clock = manualClock()
  const fleet = new Fleet({ now: clock.now, tickMs: 1000 })
  const told: Transition[] = []
  const begun: string[] = []
  let held: Holder[] = []
  const make = (options: Partial<EngineOptions> = {}) =>
    new AlertEngine({
      sources: {
        holders: () => ({
          atMs: clock.atMs,
          total: held.length,
          holders: held,
          lateReturns: { total: 0, last: null },
        }),
        sessionList: (id) => fleet.sessionList(id),
        statements: (id, query) => fleet.statements(id, query),
        series: (id) => fleet.series(id),
      },
      rules: {},
      log: new MemoryLog(),
      state: new StateFile<EngineState>(null, () => {}),
      notify: (transition) => told.push(transition),
      onBegin: ({ id }) => begun.push(id),
      ...over,
      ...options,
    })
  const bench = {
    clock,
    fleet,
    told,
    begun,
    make,
    engine: make(),
    /** Is given each tick before it is judged. */
    onTick: (_tick: Tick): void => {},
    /** Lets so many seconds pass, each like the one described. */
    pass(seconds: number, { pool = {}, window = {}, holders = [], silent = false }: Second = {}) {
      held = holders
      for (let i = 0; i < seconds; i++) {
        clock.advance(1000)
        const busy = { checkouts: 50, ...window }
        if (!silent) fleet.takeReport(aReport([aPool(pool, busy)]))
        const tick = fleet.tick()
        bench.onTick(tick)
        bench.engine.observe(tick)
      }
    },
    /** What people were told so far: kind, rule and severity. */
    news: () => told.map(({ kind, alert }) => `${kind} ${alert.rule} ${alert.severity}`),
    firing: () => bench.engine.alerts('firing', clock.atMs),
    pending: () => bench.engine.alerts('pending', clock.atMs),
  }
  return bench
}

/** A full pool with callers that wait. */
export const FULL: Second = { pool: { inUse: 10, waiting: 3, oldestWaitMs: 200 } }

/** A connection that somebody holds and does not use. */
export function leaked(sinceMs: number, over: Partial<Holder> = {}): Holder {
  return {
    poolId: 'p',
    instance: 'host-a:1',
    sinceMs,
    heldMs: 60_000,
    sessionPid: 7,
    sessionState: 'idle',
    stack: ['async buy (/app/src/buy.ts:7:9)'],
    quietMs: 60_000,
    transaction: 'none',
    activity: 'idle',
    transactionMs: null,
    quietLimitMs: null,
    waitEventType: null,
    waitEvent: null,
    stackState: 'not_sampled',
    site: null,
    blocks: null,
    locks: null,
    lastStatement: 'SELECT $1',
    suspectedSinceMs: sinceMs + 30_000,
    blockedBy: null,
    ...over,
  }
}
