/** Turns counters into rates: keeps the last reading of each. */
export class Rates {
  #last = new Map<string, { value: number; atMs: number }>()

  /**
   * How much a counter grows in a second; null at its first reading, where it is not told, and when it went down.
   * @param atMs when it was read, on a clock that only goes forward
   */
  perSec(name: string, value: number | null, atMs: number): number | null {
    const growth = this.#growth(name, value, atMs)
    return growth === null || growth.ms <= 0 ? null : (growth.by / growth.ms) * 1000
  }

  /** The mean of what two counters tell: a sum, and of how many. Null when nothing happened. */
  mean(name: string, sum: number | null, count: number | null, atMs: number): number | null {
    const total = this.#growth(`${name} sum`, sum, atMs)
    const of = this.#growth(`${name} count`, count, atMs)
    return total === null || of === null || of.by === 0 ? null : total.by / of.by
  }

  #growth(name: string, value: number | null, atMs: number): { by: number; ms: number } | null {
    const last = this.#last.get(name)
    if (value === null) {
      this.#last.delete(name)
      return null
    }
    this.#last.set(name, { value, atMs })
    return last === undefined || value < last.value ? null : { by: value - last.value, ms: atMs - last.atMs }
  }
}
