import type { System } from '@poolscope/protocol'
import type { RuleSettings } from '../alerts/judge.ts'
import type { NotifierConfig } from '../alerts/notifiers/notifier.ts'
import type { Tier } from '../history/tiers.ts'

/** One server to watch, parsed from its URL. `url` holds the credentials and is never logged. */
export type ServerTarget = {
  system: System
  /** The name people see; host:port (or the socket path) unless the config file names it. */
  name: string
  /** host:port or socket path, without credentials. */
  address: string
  /** The connection string as given. Secret. */
  url: string
}

/** What was true, and for how long it is kept. */
export type HistoryConfig = {
  /** Directory of the store; null where none can be named, so that nothing is kept. */
  dir: string | null
  tiers: readonly Tier[]
  /** Most bytes that its files may have. */
  budgetBytes: number
}

/** Everything that can be set, checked and complete. */
export type Config = {
  host: string
  port: number
  servers: ServerTarget[]
  history: HistoryConfig
  /** Shared secret that HTTP and WebSocket clients must present; null on loopback only. */
  token: string | null
  /** Host headers that are answered besides those of the listening address. */
  allowedHosts: string[]
  /** Origins besides the agent's own that may open the live socket, such as a portal's. */
  allowedOrigins: string[]
  /** Origins whose pages may show a card in a frame. */
  embedParents: string[]
  /**
   * For how long a held connection may be quiet before it is taken for a leak, ms, by `service/pool`; `*` is for all
   * pools that are not named. Without an entry the limit is learned.
   */
  leakQuietMs: Readonly<Record<string, number>>
  /** Rules that are off, and settings that differ from their defaults. */
  rules: RuleSettings
  /** Limits of running pools may be changed by whoever may use the agent. */
  knob: boolean
  notifiers: NotifierConfig[]
  /** Where people open the dashboard, for links in messages; null sends none. */
  publicUrl: string | null
  /** `/health/db` also answers 503 when many callers wait, as older health checks of services do. */
  healthCompatibility: boolean
  logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug'
}
