import type { Connections, ServerState, Session, SourceErrorCode, System } from '@poolscope/protocol'

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
  /** How long the sample took, ms. */
  sampleMs: number
  /** The interval in force, ms: longer than configured when the server is slow. */
  intervalMs: number
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
  /** Ends sampling and closes the connection; resolves when it is closed or after one second. */
  stop(): Promise<void>
}
