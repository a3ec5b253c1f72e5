import type { Answer } from './send.ts'

/** Between two reports while all is well. */
export const INTERVAL_MS = 1000
const LONGEST_MS = 30_000
/** The agent answers, but takes nothing from us: that changes when a person changes something. */
const REFUSED_MS = 60_000
const LONGEST_RETRY_AFTER_MS = 600_000

/** What an answer means for the report that it answers. */
export type Verdict = 'delivered' | 'again' | 'refused'

/**
 * Judges an answer. `again`: what was measured goes into the next report. `refused`: it would be refused
 * again, so it is given up. A wrong token is `again`, because the agent may learn it.
 */
export function verdictOf(answer: Answer): Verdict {
  if (answer === null) return 'again'
  if (answer.status >= 200 && answer.status < 300) return 'delivered'
  if (answer.status >= 500 || [401, 403, 408, 429].includes(answer.status)) return 'again'
  return 'refused'
}

/** Says how long to wait after each answer: a second, or longer and longer when nobody takes the reports. */
export class Backoff {
  #failures = 0
  readonly #random: () => number

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  /** Delay in ms until the next report. With jitter, so that a fleet does not come back as one. */
  after(answer: Answer): number {
    if (verdictOf(answer) === 'delivered') {
      this.#failures = 0
      return INTERVAL_MS
    }
    const busy = answer === null || answer.status >= 500 || answer.status === 408 || answer.status === 429
    if (!busy) return REFUSED_MS * this.#jitter()
    const delayMs = Math.min(LONGEST_MS, INTERVAL_MS * 2 ** Math.min(++this.#failures, 10)) * this.#jitter()
    const askedMs = Math.min(answer?.retryAfterMs ?? delayMs, LONGEST_RETRY_AFTER_MS)
    return Math.max(INTERVAL_MS, delayMs, askedMs)
  }

  /** 0.5 to 1. */
  #jitter(): number {
    return 0.5 + this.#random() / 2
  }
}
