import type { GroupNow, Holder, Level, PoolNow, ServerNow, Session } from '@poolscope/protocol'
import type {
  Finding,
  GroupRule,
  GroupWindow,
  Series,
  ServerRule,
  ServerWindow,
  Settings,
} from '../src/index.ts'

/** The moment at which windows of tests end. */
export const NOW = 1_700_000_000_000
const MINUTES = 5 * 60_000

const NO_DURATION = { p50: null, p95: null, p99: null, max: null }
const NUMBERS = {
  max: 10,
  min: 2,
  inUse: 3,
  idle: 2,
  connecting: 0,
  waiting: 0,
  inUsePeak: 4,
  waitingPeak: 0,
  oldestWaitMs: null,
  utilizationRatio: 0.3,
  waitMs: { p50: 0.1, p95: 1, p99: 2, max: 3 },
  holdMs: { p50: 5, p95: 20, p99: 40, max: 60 },
  createMs: NO_DURATION,
  checkoutsPerSec: 100,
  timeoutsPerSec: 0,
  errorsPerSec: 0,
  createdPerSec: 0,
  destroyedPerSec: 0,
  holdBusyRatio: null,
  windowMs: 10_000,
  status: 'ok',
  reason: null,
  atMs: NOW,
  stale: false,
} as const

/** One calm pool, but for what a test says. */
export function pool(over: Partial<PoolNow> = {}): PoolNow {
  const made: PoolNow = {
    id: 'pool-1',
    groupId: 'group-1',
    service: 'shop',
    name: 'orders',
    instance: 'a',
    system: 'postgresql',
    origin: 'probe',
    serverId: 'db',
    upstreamServerId: null,
    mode: null,
    ...NUMBERS,
    acquireTimeoutMs: 3000,
    idleTimeoutMs: 20_000,
    maxLifetimeMs: null,
    ignoredOptions: [],
    startedAtMs: NOW - 3_600_000,
    ...over,
  }
  const ratio = made.inUse === null || made.max === null || made.max === 0 ? null : made.inUse / made.max
  return { ...made, utilizationRatio: ratio }
}

/** One calm group, but for what a test says. */
export function group(over: Partial<GroupNow> = {}): GroupNow {
  const made: GroupNow = {
    id: 'group-1',
    service: 'shop',
    name: 'orders',
    system: 'postgresql',
    origin: 'probe',
    serverId: 'db',
    instances: 1,
    staleInstances: 0,
    ...NUMBERS,
    ...over,
  }
  const ratio = made.inUse === null || made.max === null || made.max === 0 ? null : made.inUse / made.max
  return { ...made, utilizationRatio: ratio }
}

/** One calm server, but for what a test says. */
export function server(over: Partial<ServerNow> = {}): ServerNow {
  return {
    id: 'db',
    name: 'db',
    system: 'postgresql',
    version: '18.4',
    address: '127.0.0.1:5432',
    state: 'up',
    maxConnections: 100,
    reservedConnections: 0,
    connections: { active: 2, idle: 8, idleInTransaction: 0, other: 0, total: 10 },
    usedRatio: 0.1,
    pools: { count: 1, maxSum: 10 },
    details: [],
    limits: [],
    upstreamIds: [],
    sampleIntervalMs: 1000,
    sampleMs: 2,
    startedAtMs: NOW - 86_400_000,
    status: 'ok',
    reason: null,
    atMs: NOW,
    stale: false,
    error: null,
    ...over,
  }
}

/** A server whose details hold these settings. */
export function settingsOf(values: Record<string, number>): Partial<ServerNow> {
  const details = Object.entries(values).map(([name, value]) => ({
    name,
    value,
    unit: 'ms' as const,
    note: null,
  }))
  return { details: [{ title: 'Settings', details }] }
}

export function session(over: Partial<Session> = {}): Session {
  return {
    pid: 100,
    application: 'shop',
    user: 'shop',
    database: 'shop',
    clientAddress: '10.0.0.9',
    state: 'idle',
    waitEventType: 'Client',
    waitEvent: 'ClientRead',
    connectedMs: 60_000,
    stateMs: 500,
    transactionMs: null,
    poolId: 'pool-1',
    ...over,
  }
}

/** A connection in use that works, but for what a test says. */
export function holder(over: Partial<Holder> = {}): Holder {
  const heldMs = over.heldMs ?? 50
  return {
    poolId: 'pool-1',
    instance: 'a',
    sinceMs: NOW - heldMs,
    heldMs,
    sessionPid: 100,
    sessionState: 'active',
    stack: null,
    quietMs: 1,
    transaction: 'none',
    activity: 'running',
    transactionMs: null,
    quietLimitMs: null,
    waitEventType: null,
    waitEvent: null,
    stackState: 'not_sampled',
    site: null,
    blocks: null,
    locks: null,
    lastStatement: null,
    suspectedSinceMs: null,
    blockedBy: null,
    ...over,
  }
}

/** Columns over time, in steps of five minutes; what is not given is not known. */
export function series<Column extends string>(
  columns: { [Name in Column]?: readonly (number | null)[] } = {},
  stepMs = MINUTES,
): Series<Column> {
  const given = Object.values(columns) as (readonly (number | null)[])[]
  return {
    stepMs,
    length: Math.max(0, ...given.map((values) => values.length)),
    at: (column, index) => columns[column]?.[index] ?? null,
  }
}

/** A window of one instance: what is said of the pool holds for its group too. */
export function groupWindow(
  over: Partial<PoolNow> = {},
  window: Partial<Omit<GroupWindow, 'group'>> & { group?: Partial<GroupNow> } = {},
): GroupWindow {
  const { id: _id, instance: _instance, ...shared } = over
  const { group: ofGroup, ...rest } = window
  return {
    atMs: NOW,
    group: group({ ...(shared as Partial<GroupNow>), ...ofGroup }),
    pools: [pool(over)],
    holders: [],
    sessions: [],
    server: server(),
    neighbours: [],
    recent: series(),
    day: series(),
    ...rest,
  }
}

export function serverWindow(
  over: Partial<ServerNow> = {},
  window: Partial<ServerWindow> = {},
): ServerWindow {
  return {
    atMs: NOW,
    server: server(over),
    sessions: [],
    groups: [group()],
    statements: [],
    day: series(),
    ...window,
  }
}

/** What a rule finds with its defaults. @param before the level of the evaluation before */
export function judge(rule: GroupRule, window: GroupWindow, before?: Level, settings?: Settings): Finding
export function judge(rule: ServerRule, window: ServerWindow, before?: Level, settings?: Settings): Finding
export function judge(
  rule: GroupRule | ServerRule,
  window: GroupWindow | ServerWindow,
  before: Level = 'ok',
  settings: Settings = {},
): Finding {
  return (rule as GroupRule).evaluate(window as GroupWindow, { ...rule.settings, ...settings }, before)
}

/** What no rule about a measured pool may judge: nobody measures it, or nobody does any more. */
export const BLIND: readonly [string, GroupWindow][] = [
  ['without a probe', groupWindow({ origin: 'observed', max: null, waiting: null })],
  ['when reports stopped', groupWindow({ stale: true })],
]
