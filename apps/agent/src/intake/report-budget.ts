/**
 * Counts reports by address within a second of the clock. The general limiter of the other routes costs a fifth of
 * what taking in a report does, with its keys, windows and promises.
 */
export class ReportBudget {
  readonly #perSec: number
  #second = 0
  #counts = new Map<string, number>()

  /** @param perSec most reports a second from one address */
  constructor(perSec: number) {
    this.#perSec = perSec
  }

  /** Counts a report. @returns whether it is within the budget */
  take(address: string, nowMs: number): boolean {
    const second = Math.floor(nowMs / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#counts = new Map()
    }
    const count = (this.#counts.get(address) ?? 0) + 1
    this.#counts.set(address, count)
    return count <= this.#perSec
  }
}
