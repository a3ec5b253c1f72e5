import type {
  ConnectionLimit,
  Connections,
  DetailGroup,
  HeldLocks,
  ServerState,
  Session,
  SourceErrorCode,
  StatementSource,
  System,
} from '@poolscope/protocol'

/** What the agent calls itself on every server, so that people know its sessions. */
export const OWN_NAME = 'poolscope'

/** A closer look at one session: at those that pools hold for long, and those that wait for a lock. */
export type SessionInspection = {
  pid: number
  /** What ran last, or runs, with every literal replaced; null where it may not be read. */
  lastStatement: string | null
  /** How long before the sample that began, ms; null when not known. */
  statementMs: number | null
  /** Process ids of the sessions that keep it waiting for a lock, the nearest first. */
  blockedBy: number[]
  /** What it keeps locked; null where it does not idle in a transaction, or that is not known. */
  locks: HeldLocks | null
}

/** What was true of one server at one moment. */
export type ServerSample = {
  /** When the server was asked, epoch ms by the agent clock. */
  atMs: number
  version: string
  /** When the server started, epoch ms; null when it does not say. */
  startedAtMs: number | null
  maxConnections: number | null
  /** Slots that ordinary users cannot have. */
  reservedConnections: number | null
  /** Client connections by state. The agent's own one counts under `other`. */
  connections: Connections
  /** Client sessions without the agent's own, at most 5,000. */
  sessions: Omit<Session, 'poolId'>[]
  /** Of some of the sessions what takes a closer look; missing from sources that take none. */
  inspections?: SessionInspection[]
  /** Numbers that only this kind of server has, in the order in which they are shown. */
  details: DetailGroup[]
  /** Limits below that of the whole server, and what is used of each. */
  limits: ConnectionLimit[]
  /** Pools that the server itself keeps, as poolers do. */
  pools: ServerPool[]
  /** Addresses of the other nodes of the same cluster, host:port. */
  peers: string[]
  /** The address under which those know this one; null or missing where that is not known. */
  knownAs?: string | null
  /** Statements counted since some start; null where this sample did not read them. */
  statements: StatementTotals | null
  /** How long the sample took, ms. */
  sampleMs: number
  /** The interval in force, ms: longer than configured when the server is slow. */
  intervalMs: number
}

/** One pool that a pooler keeps for a database and a user. */
export type ServerPool = {
  /** What clients call it. */
  database: string
  user: string
  /** Such as `transaction`; null when not known. */
  mode: string | null
  max: number | null
  min: number | null
  inUse: number
  idle: number
  connecting: number
  waiting: number
  oldestWaitMs: number | null
  /** Clients that have a connection of the pool at the moment. */
  clientsActive: number
  checkoutsPerSec: number | null
  /** Where its connections lead, host:port or a socket path; null when not known. */
  upstream: string | null
  /** Process ids of the sessions that its connections have on the server behind it. */
  upstreamPids: number[]
}

/** Counters of one statement since the server began to count. No literal is in the text. */
export type StatementCounters = {
  /** Stable for as long as the server counts it. */
  id: string
  text: string
  user: string | null
  database: string | null
  calls: number
  totalMs: number
  rows: number | null
  /** Longest run, ms; null when not known. */
  maxMs: number | null
  /** 95 of 100 runs were shorter, ms; null when the server does not say. */
  p95Ms: number | null
}

/** What a server says of its statements. */
export type StatementTotals = {
  source: StatementSource
  /** Other counters than before: the server, or somebody, began to count anew. */
  epoch: string
  /** All that the server counts is listed, so that what was not listed before began since. */
  complete: boolean
  statements: StatementCounters[]
}

/** What a source tells the fleet: each time it sampled, and each time its state changed. */
export type SourceUpdate = {
  state: ServerState
  /** What is wrong, in words an SRE can act on and without secrets; null when up. */
  error: { code: SourceErrorCode; message: string } | null
  /** The sample, where this update brings one. */
  sample: ServerSample | null
}

/** Code that reads one server on its own schedule. It never throws; trouble is an update. */
export type Source = {
  /** Stable across restarts of the agent, safe in a URL, free of credentials. */
  readonly id: string
  readonly name: string
  readonly system: System
  /** host:port or socket path, without credentials. */
  readonly address: string
  /** Begins to sample; updates arrive until `stop`. */
  start(onUpdate: (update: SourceUpdate) => void): void
  /** Looks closer at these sessions from the next sample on, and no more at those that were named before. */
  inspect(pids: readonly number[]): void
  /** Ends sampling and closes the connection; resolves when it is closed or after one second. */
  stop(): Promise<void>
}
