import type { IgnoredOption, PoolTarget, System } from '@poolscope/protocol'
import type { Activity } from './activity.ts'

/** What only the driver's own pool object knows, read once a report. */
export type PoolView = {
  max: number | null
  min: number | null
  acquireTimeoutMs: number | null
  idleTimeoutMs: number | null
  /** At which age a connection is closed; `null` when never, left out where the adapter does not know. */
  maxLifetimeMs?: number | null
  /** Options that were given in vain; `null`, or left out, where they cannot be seen. */
  ignoredOptions?: IgnoredOption[] | null
  /** Open connections that nobody holds. */
  idle: number
  target: PoolTarget
}

/** How a driver's adapter answers the meter. */
export type PoolAdapter = {
  readonly system: System
  /** `null` when the pool object is gone. */
  view(): PoolView | null
  /** The server's id of the session behind a connection; `null` when not known. */
  sessionPid(connection: object): number | null
  /** What a connection does now; without it nothing is known of that. */
  activity?(connection: object): Activity | null
}
