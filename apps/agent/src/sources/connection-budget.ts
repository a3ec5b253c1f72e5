import { setTimeout as sleep } from 'node:timers/promises'

/** Attempts to connect a second, over all servers: an agent that starts, or comes back, is no storm. */
const PER_SEC = 5

/** Hands out turns to connect, at most five in any second, in the order in which they were asked for. */
export class ConnectionBudget {
  readonly #elapsedMs: () => number
  /** When the last turns were, oldest first. */
  #turnsMs: number[] = []

  constructor(elapsedMs: () => number = () => performance.now()) {
    this.#elapsedMs = elapsedMs
  }

  /** Waits for a turn; returns early when stopped. */
  async turn(signal: AbortSignal): Promise<void> {
    const delayMs = this.delayMs()
    if (delayMs > 0) await sleep(delayMs, undefined, { signal }).catch(() => {})
  }

  /** Takes the next turn. @returns how far off it is, ms */
  delayMs(): number {
    const nowMs = this.#elapsedMs()
    const atMs = this.#turnsMs.length < PER_SEC ? nowMs : Math.max(nowMs, (this.#turnsMs[0] as number) + 1000)
    this.#turnsMs = [...this.#turnsMs, atMs].slice(-PER_SEC)
    return atMs - nowMs
  }
}
