/** Rates of counters that only grow, between the last two readings. */
export class Rates {
  #last: { values: Readonly<Record<string, number | null>>; atMs: number } | null = null
  #perSec: Record<string, number | null> = {}

  /** Takes in a reading. A counter that fell began anew, and has no rate until the next reading. */
  take(values: Readonly<Record<string, number | null>>, atMs: number): void {
    const last = this.#last
    this.#perSec = {}
    for (const [name, value] of Object.entries(values)) {
      const before = last?.values[name] ?? null
      const seconds = last === null ? 0 : (atMs - last.atMs) / 1000
      this.#perSec[name] =
        value === null || before === null || value < before || seconds <= 0
          ? null
          : (value - before) / seconds
    }
    this.#last = { values, atMs }
  }

  /** Null before the second reading, and where the counter is not known. */
  perSec(name: string): number | null {
    return this.#perSec[name] ?? null
  }
}
