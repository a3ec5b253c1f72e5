import type { HeldConnections } from './hold-connections.ts'

/** Stands for the password of the watching role wherever a contract looks for a leak. */
export const PASSWORD_CANARY = 'canary-of-a-password'
/** Stands for a literal in a statement that runs while a source watches. */
export const LITERAL_CANARY = 'canary-of-a-literal'

/** What a held connection does. */
export type HeldState = 'active' | 'idle' | 'idleInTransaction'

/** Where a source is led, if not straight to the server with the right password. */
export type WatchRoute = { host?: string; port?: number; password?: string }

/** A real server as the contract of sources needs it, whatever its system. */
export type ContractServer = {
  readonly host: string
  readonly port: number
  /** The states that its sessions can be in; the contract leaves out what a kind of server does not know. */
  readonly states: readonly HeldState[]
  /** What it says to who comes when it is full; null where a place is always kept for who watches. */
  readonly whenFull: { state: string; code: string } | null
  /**
   * Connection string of a role that may see every session but has no right to a reserved slot. Its password is
   * {@link PASSWORD_CANARY}.
   */
  watchUrl(route?: WatchRoute): string
  /** Holds connections of an application; what they run contains {@link LITERAL_CANARY}. */
  hold(n: number, state: HeldState, application: string): Promise<HeldConnections>
  /** Takes every slot that an ordinary role may have. */
  fill(): Promise<HeldConnections>
  /** Process ids of an application's sessions, from the server itself. Works on a full server. */
  sessionPids(application: string): Promise<number[]>
  /** Stops the server and keeps its data and its port. */
  stopServer(): Promise<void>
  startServer(): Promise<void>
  /** Stops it and removes everything it left. */
  stop(): Promise<void>
}
