import type { System } from '@poolscope/protocol'
import type { CheckItem } from './check.ts'
import type { Failure } from './failure.ts'
import type { ServerSample } from './source.ts'

/** What a session read in one go. */
export type EngineSample = Omit<ServerSample, 'atMs' | 'sampleMs' | 'intervalMs'> & {
  /** Time that the server itself spent, ms: a distant server is not a slow one. */
  costMs: number
}

/** One held connection to a server. It asks one thing at a time, and everything it does has a deadline of 3 s. */
export type EngineSession = {
  /**
   * Reads the server once.
   * @param inspected sessions to look at closer
   * @throws what {@link Engine.describe} understands
   */
  sample(inspected: readonly number[]): Promise<EngineSample>
  /** What may be read, what is missing, and how to mend it. @throws as {@link sample} */
  check(): Promise<CheckItem[]>
  /** Rejects when the connection ends by itself; never resolves. */
  readonly lost: Promise<never>
  /** Says goodbye, and ends after one second whether it was answered or not. Never rejects. */
  close(): Promise<void>
}

/** How one kind of server is spoken to: all that differs between them, and nothing of when. */
export type Engine = {
  readonly system: System
  /**
   * Connects within 3 s and settles who answers.
   * @param signal ends the attempt at once, leaving nothing open
   * @throws what {@link describe} understands
   */
  open(signal: AbortSignal): Promise<EngineSession>
  /** Says what a failure means. The server's own text stays out of it: it may quote anything. */
  describe(error: unknown): Failure
  /** True when only this sample failed, as by the server's own time-out: the connection still stands. */
  stands(error: unknown): boolean
}
