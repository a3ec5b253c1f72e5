import type { Annotation, PoolReport, Report, Session, SparseHistogram } from '@poolscope/protocol'
import { bucketOf } from '@poolscope/protocol'
import { Alerts, type AlertsOptions } from '../src/alerts/alerts.ts'
import { buildApp } from '../src/app.ts'
import { Fleet } from '../src/fleet/fleet.ts'
import { History } from '../src/history/history.ts'
import type { HistoryStore } from '../src/history/history-store.ts'
import { Knob } from '../src/knob/knob.ts'
import type { AccessOptions } from '../src/security/access.ts'
import type { ServerSample } from '../src/sources/source.ts'
import { LiveHub } from '../src/stream/live-hub.ts'

/** A clock that a test moves. */
export function manualClock(atMs = 1_700_000_000_000) {
  const clock = {
    atMs,
    now: () => clock.atMs,
    advance: (ms: number) => {
      clock.atMs += ms
    },
  }
  return clock
}

/** Durations as a probe sends them. */
export function histogramOf(...durationsMs: number[]): SparseHistogram {
  const counts = new Map<number, number>()
  for (const ms of durationsMs) counts.set(bucketOf(ms), (counts.get(bucketOf(ms)) ?? 0) + 1)
  const buckets = [...counts].sort((a, b) => a[0] - b[0]).flat()
  return { buckets, sumMs: durationsMs.reduce((a, b) => a + b, 0), maxMs: Math.max(0, ...durationsMs) }
}

/** One pool as a probe reports it, calm unless told otherwise. */
export function aPool(
  over: Partial<PoolReport> = {},
  window: Partial<PoolReport['window']> = {},
): PoolReport {
  return {
    name: 'orders',
    system: 'postgresql',
    target: { host: '127.0.0.1', port: 5432, database: 'shop', user: 'checkout' },
    max: 10,
    min: 0,
    acquireTimeoutMs: 5000,
    idleTimeoutMs: 10_000,
    inUse: 0,
    idle: 0,
    connecting: 0,
    waiting: 0,
    oldestWaitMs: null,
    ended: false,
    window: {
      checkouts: 0,
      timeouts: 0,
      errors: 0,
      created: 0,
      destroyed: 0,
      inUsePeak: 0,
      waitingPeak: 0,
      wait: histogramOf(),
      hold: histogramOf(),
      create: histogramOf(),
      ...window,
    },
    sessionPids: [],
    holders: [],
    ...over,
  }
}

let reports = 0

/** A report of one process, another one at each call. */
export function aReport(pools: PoolReport[], over: Partial<Report> = {}): Report {
  return {
    protocol: 1,
    probe: 'node/0.1.0',
    service: 'checkout',
    instance: 'host-a:1',
    startedAtMs: 1_699_999_000_000,
    sequence: ++reports,
    windowMs: 1000,
    droppedTotal: 0,
    pools,
    ...over,
  }
}

/** One session on a server. */
export function aSession(over: Partial<Omit<Session, 'poolId'>> = {}): Omit<Session, 'poolId'> {
  return {
    pid: 100,
    application: 'backoffice',
    user: 'backoffice',
    database: 'shop',
    clientAddress: '10.0.0.9',
    state: 'idle',
    waitEventType: 'Client',
    waitEvent: 'ClientRead',
    connectedMs: 60_000,
    stateMs: 500,
    transactionMs: null,
    ...over,
  }
}

/** What a source read from a server with these sessions. */
export function aSample(atMs: number, sessions: ServerSample['sessions']): ServerSample {
  const count = (test: (state: string) => boolean) => sessions.filter((s) => test(s.state)).length
  const idleInTransaction = count((state) => state.startsWith('idle in transaction'))
  return {
    atMs,
    version: '18.4',
    startedAtMs: atMs - 86_400_000,
    maxConnections: 100,
    reservedConnections: 3,
    connections: {
      active: count((state) => state === 'active'),
      idle: count((state) => state === 'idle'),
      idleInTransaction,
      other: 1,
      total: sessions.length + 1,
    },
    sessions,
    details: [],
    limits: [],
    pools: [],
    peers: [],
    statements: null,
    sampleMs: 2,
    intervalMs: 1000,
  }
}

/** The server that tests watch. */
export const SERVER = {
  id: 'postgresql-127.0.0.1-5432',
  name: '127.0.0.1:5432',
  system: 'postgresql',
  address: '127.0.0.1:5432',
} as const

/** An agent without sources, with a clock that the test moves. */
export async function testAgent(
  access: Partial<AccessOptions> = {},
  over: Partial<AlertsOptions> & { healthCompatibility?: boolean; store?: HistoryStore; knob?: boolean } = {},
) {
  const clock = manualClock()
  const fleet = new Fleet({ now: clock.now, tickMs: 1000 })
  const history = new History(fleet, over.store ?? null)
  const alerts = new Alerts({
    fleet,
    rules: {},
    notifiers: [],
    publicUrl: null,
    dir: null,
    random: () => 0.5,
    onError: (error) => {
      throw error
    },
    ...over,
  })
  const recorded: Annotation[] = []
  const knob =
    over.knob === true
      ? new Knob({
          fleet,
          level: (rule, subject) => alerts.level(rule, subject),
          record: (annotation) => recorded.push(annotation),
        })
      : null
  const hub = new LiveHub(fleet, '0.0.0-test', () => alerts.counts())
  const app = await buildApp({
    fleet,
    alerts,
    history,
    hub,
    knob,
    healthCompatibility: over.healthCompatibility ?? false,
    access: {
      token: null,
      host: '127.0.0.1',
      allowedHosts: [],
      allowedOrigins: [],
      now: clock.now,
      ...access,
    },
    version: '0.0.0-test',
    embedParents: ['https://portal.example.com'],
    dashboardDir: null,
    readOnly: false,
    reportsPerSec: 100,
    logger: false,
  })
  const tick = (ms = 1000) => {
    clock.advance(ms)
    const closed = fleet.tick()
    alerts.observe(closed)
    knob?.observe()
    hub.broadcast(closed)
    history.append(closed)
  }
  return { app, recorded, fleet, alerts, history, hub, clock, tick }
}
