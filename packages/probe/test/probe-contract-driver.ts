import type { WatchOptions } from '@poolscope/probe/pg'
import type { System } from '@poolscope/protocol'

/** A connection that a caller has. */
export type Hold = {
  /** Gives it back. Where the driver takes a moment for that, the promise resolves once it has it back. */
  release(): unknown
  /** The server's id of its session; `null` where the driver does not know it. */
  sessionPid: number | null
}

/** The pool that a claim needs. */
export type PoolWish = {
  /** Most connections, {@link ProbeFacts.max} at the most. */
  max: number
  /** After how long a caller gives up; `null` for never. A number only where {@link ProbeFacts.timeouts}. */
  acquireTimeoutMs: number | null
  /** Where it leads; `null` for the suite's own server. */
  at: { host: string; port: number } | null
}

/** What a driver lets its adapter know. Claims about what it does not are left out of the suite. */
type ProbeFacts = {
  /** Connections of the pool that claims about many of them use; 1 for a driver that has one only. */
  max: number
  /** Connections that were given back stay open, at least for the seconds that a test takes. */
  keepsIdle: boolean
  /** Callers beyond `max` wait. */
  queues: boolean
  /** Callers give up after `acquireTimeoutMs`. */
  timeouts: boolean
  /** The adapter sees connections that are being opened. */
  connecting: boolean
  /** The adapter sees every connection that opens and how long that took. */
  creates: boolean
  /** As what a caller counts that no connection could be opened for; `null` where it waits for ever. */
  refused: 'errors' | 'timeouts' | null
  /** The adapter sees that the pool is shut down. */
  ends: boolean
  /** The adapter sees the code that asked. */
  stacks: boolean
  /** Connections that were open or in use before the pool was watched are counted. */
  adopts: boolean
}

/** How the suite drives one driver and its adapter. */
export type ProbeDriver<Pool extends object> = {
  /** Such as `mysql2 3`. */
  name: string
  system: System
  facts: ProbeFacts
  /** Starts a server that is this suite's own; `stop` ends it. */
  startServer(): Promise<{ stop(): Promise<unknown> }>
  /** Makes a pool that is not watched yet. Its errors in the background must not end the process. */
  createPool(wish: PoolWish): Pool | Promise<Pool>
  checkOut(pool: Pool): Promise<Hold>
  /** Shuts the pool down. Resolves or rejects at once when it was shut down before. */
  endPool(pool: Pool): unknown
  watch(pool: Pool, options: WatchOptions): unknown
  unwatch(pool: object): unknown
  flush(): Promise<void>
  /**
   * A script for a process of its own, an ES module in this package's folder that has `watch` and `flush` of the
   * adapter: it makes a pool, watches it as `p`, uses it once, and ends it unless that is not needed for the process
   * to end. A `require` for the driver is there as well.
   */
  script(): string
  /** Folder of the adapter in `src`, for that process. */
  folder: string
}
