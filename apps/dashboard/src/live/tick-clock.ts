/** How many ticks every series keeps: five minutes at one tick a second. */
export const RING_TICKS = 300

/** Tick numbers start here, so that history from before the page was opened has numbers too. */
const FIRST_TICK = RING_TICKS * 4

/**
 * The times of the last ticks, shared by all series.
 *
 * A tick has a number; tick n sits at n modulo {@link RING_TICKS}. A pause in the stream keeps as many
 * numbers free as ticks are missing, so that a gap is as wide as it lasted and history can fill it later.
 */
export class TickClock {
  #times = new Float64Array(RING_TICKS).fill(Number.NaN)
  /** The newest tick; one less than the first one while there is none. */
  newest = FIRST_TICK - 1
  tickMs = 1000
  /** The oldest tick that ever had a time. */
  #first = FIRST_TICK

  /** The oldest tick number that still has a place. */
  get oldest(): number {
    return this.newest - RING_TICKS + 1
  }

  /** True before the first tick. */
  get empty(): boolean {
    return this.newest < FIRST_TICK
  }

  /** Forgets all ticks. */
  clear(): void {
    this.#times.fill(Number.NaN)
    this.newest = FIRST_TICK - 1
    this.#first = FIRST_TICK
  }

  /**
   * Takes the number for a state that was true at `atMs`. A time within half a tick of the newest
   * one is the same tick again.
   * @returns the number, and how many numbers were left free before it; null when time went back
   *   by more than that: the caller clears what it has and starts anew
   */
  advance(atMs: number): { tick: number; skipped: number } | null {
    let steps = 1
    if (!this.empty) {
      const passed = (atMs - this.timeOf(this.newest)) / this.tickMs
      if (passed < -0.5) return null
      // A timer that fires late is no gap: one and a half ticks are still the next one.
      steps = passed < 0.5 ? 0 : Math.max(1, Math.round(passed))
    }
    const before = this.newest
    const skipped = Math.max(0, steps - 1)
    for (let tick = Math.max(before + 1, before + steps - RING_TICKS + 1); tick < before + steps; tick++) {
      this.#times[tick % RING_TICKS] = atMs - (before + steps - tick) * this.tickMs
    }
    this.newest = before + steps
    this.#times[this.newest % RING_TICKS] = atMs
    return { tick: this.newest, skipped }
  }

  /** When a tick was, epoch ms; NaN when it is out of the ring or before all that is known. */
  timeOf(tick: number): number {
    if (tick < this.oldest || tick > this.newest) return Number.NaN
    return this.#times[tick % RING_TICKS] as number
  }

  /**
   * The number of the tick at a moment of the past, for history that arrives later. Numbers from
   * before the first live tick get their time by this call.
   * @returns null when the moment is newer than the newest tick or has left the ring
   */
  tickAt(atMs: number): number | null {
    if (this.empty || atMs > this.timeOf(this.newest) + this.tickMs / 2) return null
    const first = Math.max(this.#first, this.oldest)
    const before = atMs < this.timeOf(first)
    const known = before ? first : this.newest
    let tick = known - Math.round((this.timeOf(known) - atMs) / this.tickMs)
    if (!before) tick = Math.max(first, tick)
    // The agent's timer drifts: a neighbour may be nearer than what the arithmetic says.
    for (;;) {
      const here = this.timeOf(tick)
      const next = atMs > here ? tick + 1 : tick - 1
      if (!(Math.abs(this.timeOf(next) - atMs) < Math.abs(here - atMs))) break
      tick = next
    }
    if (tick < this.oldest) return null
    if (Number.isNaN(this.timeOf(tick))) {
      this.#times[tick % RING_TICKS] = atMs
      this.#first = Math.min(this.#first, tick)
    }
    return tick
  }
}
