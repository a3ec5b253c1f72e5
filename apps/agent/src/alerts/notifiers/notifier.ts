import type { NotifierStatus, Severity } from '@poolscope/protocol'
import type { Transition } from '../engine.ts'

/** Where people are told. Secrets in it are never logged or shown. */
export type NotifierConfig = {
  /** The name people see. */
  name: string
  /** The least that is told. */
  atLeast: Severity
} & (
  | { type: 'alertmanager'; url: string }
  | { type: 'webhook'; url: string; secret: string }
  | { type: 'slack'; url: string }
)

/** A way out for news. Nothing it does holds up who calls it, and nothing is thrown. */
export type Notifier = {
  /** Takes news to be told once. */
  notify(transition: Transition): void
  /** What still fires of what was told, about once a minute. */
  remind(firing: readonly Transition[]): void
  status(): NotifierStatus
  /** Stops; what could not be told is kept for the next start. */
  close(): Promise<void>
}

/** How a way out fares. */
export class Tally {
  readonly name: string
  readonly type: string
  readonly #now: () => number
  sentTotal = 0
  failedTotal = 0
  droppedTotal = 0
  error: NotifierStatus['error'] = null

  constructor({ name, type }: Pick<NotifierConfig, 'name' | 'type'>, now: () => number) {
    this.name = name
    this.type = type
    this.#now = now
  }

  succeed(): void {
    this.sentTotal += 1
    this.error = null
  }

  /** @param message without address and secret */
  fail(message: string): void {
    this.failedTotal += 1
    this.error = { message, sinceMs: this.error?.sinceMs ?? this.#now() }
  }

  status(queued: number): NotifierStatus {
    const { name, type, sentTotal, failedTotal, droppedTotal, error } = this
    return { name, type, sentTotal, failedTotal, droppedTotal, queued, error }
  }
}
