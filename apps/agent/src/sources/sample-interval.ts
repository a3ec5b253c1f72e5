/** Share of the server's time that samples may take: at 1 %, twice the load for numbers twice as fresh. */
const DUTY_RATIO = 0.005
const BASE_MS = 1000
const MAX_MS = 60_000
const WINDOW = 5
const RECOVERY = 0.9

/**
 * How long to wait between samples, so that watching costs a server at most half a percent of one core.
 *
 * The median of the last five costs decides: a single slow sample, as on a busy machine, leaves the interval
 * as it is. A sample that timed out doubles the interval; each good one gives a tenth of that back.
 */
export class SampleInterval {
  #costsMs: number[] = []
  #penaltyMs = 0

  /** The interval in force, ms, from 1,000 to 60,000. */
  get ms(): number {
    const sorted = this.#costsMs.toSorted((a, b) => a - b)
    const medianMs = sorted[Math.floor((sorted.length - 1) / 2)]
    // The first sample of a session also pays for cold caches and says little.
    const boundMs = medianMs === undefined || sorted.length < 3 ? BASE_MS : medianMs / DUTY_RATIO
    return Math.round(Math.min(MAX_MS, Math.max(BASE_MS, boundMs, this.#penaltyMs)))
  }

  /** Counts a sample. @param costMs time that the server spent on it */
  took(costMs: number): void {
    this.#costsMs = [...this.#costsMs.slice(1 - WINDOW), costMs]
    this.#penaltyMs = this.#penaltyMs * RECOVERY < BASE_MS ? 0 : this.#penaltyMs * RECOVERY
  }

  /** Counts a sample that the server did not finish in time. */
  timedOut(): void {
    this.#penaltyMs = Math.min(MAX_MS, 2 * this.ms)
  }
}
