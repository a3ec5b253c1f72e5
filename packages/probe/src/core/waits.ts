const FIRST_SIZE = 64
/** Most waits whose start is kept: 1.3 MB. With more callers than that waiting, the length of one wait says little. */
const MOST = 65_536

/** Ticket of a wait that found the table full: it is counted, but not timed. */
export const UNTIMED = -1

/**
 * The waits that still go on: when each began, and the captured stack of those that were sampled.
 * A ticket is an index into arrays that are used again and again, so that a wait allocates nothing.
 */
export class Waits {
  #startMs = new Float64Array(FIRST_SIZE).fill(Number.NaN)
  #callers = new Uint32Array(FIRST_SIZE)
  #stacks: (object | null)[] = new Array(FIRST_SIZE).fill(null)
  #free = Uint16Array.from({ length: FIRST_SIZE }, (_, i) => FIRST_SIZE - 1 - i)
  #freeCount = FIRST_SIZE

  /** Notes the start of a wait and answers its ticket, {@link UNTIMED} when the table is full. */
  begin(nowMs: number, stack: object | null, caller: number): number {
    if (this.#freeCount === 0 && !this.#grow()) return UNTIMED
    const ticket = this.#free[--this.#freeCount] as number
    this.#startMs[ticket] = nowMs
    this.#callers[ticket] = caller
    if (stack !== null) this.#stacks[ticket] = stack
    return ticket
  }

  startMs(ticket: number): number {
    return this.#startMs[ticket] as number
  }

  caller(ticket: number): number {
    return this.#callers[ticket] as number
  }

  stack(ticket: number): object | null {
    return this.#stacks[ticket] as object | null
  }

  end(ticket: number): void {
    this.#startMs[ticket] = Number.NaN
    if (this.#stacks[ticket] !== null) this.#stacks[ticket] = null
    this.#free[this.#freeCount++] = ticket
  }

  /** Start of the longest wait that still goes on; `null` when nobody waits. */
  oldestStartMs(): number | null {
    let oldest = Number.POSITIVE_INFINITY
    for (const start of this.#startMs) if (start < oldest) oldest = start
    return oldest === Number.POSITIVE_INFINITY ? null : oldest
  }

  #grow(): boolean {
    const size = this.#startMs.length
    if (size >= MOST) return false
    const startMs = new Float64Array(size * 2).fill(Number.NaN)
    startMs.set(this.#startMs)
    this.#startMs = startMs
    const callers = new Uint32Array(size * 2)
    callers.set(this.#callers)
    this.#callers = callers
    for (let i = 0; i < size; i++) this.#stacks.push(null)
    this.#free = Uint16Array.from({ length: size * 2 }, (_, i) => size * 2 - 1 - i)
    this.#freeCount = size
    return true
  }
}
