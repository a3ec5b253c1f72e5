import type { Activity } from './activity.ts'

/** Between two looks at held connections. Half of it would tell quiet times apart more finely, at twice the cost. */
export const LOOK_MS = 250
/** A look that is later than this by more than as much again: the process stood still, and could not have acted. */
const LATE_MS = LOOK_MS

/** What looks at a held connection found. */
export class Quiet {
  /** Begin of the hold that was looked at, which tells it from the one before. */
  #holdMs = Number.NaN
  #sinceMs = 0
  #traffic: number | null = null
  #seen: Activity | null = null

  /** What the last look found; `null` without one. */
  get seen(): Activity | null {
    return this.#seen
  }

  /**
   * Takes in a look.
   * @param holdMs when the hold began
   * @param stalledMs time since the look before in which the process stood still: nobody was quiet then
   */
  look(holdMs: number, activity: Activity | null, nowMs: number, stalledMs: number): void {
    this.#seen = activity
    if (activity === null) return
    const moved = this.#holdMs !== holdMs || activity.traffic !== this.#traffic
    this.#holdMs = holdMs
    this.#traffic = activity.traffic
    if (moved || activity.running === true) this.#sinceMs = nowMs
    else this.#sinceMs += stalledMs
  }

  /** For how long nothing has run while held, at most a look too short; `null` where the driver does not tell. */
  ms(nowMs: number): number | null {
    if (this.#seen === null || (this.#seen.traffic === null && this.#seen.running === null)) return null
    return this.#seen.running === true ? 0 : Math.max(0, nowMs - this.#sinceMs)
  }
}

/** The part of the time between two looks in which the process stood still, ms. */
export function stalledMs(betweenMs: number): number {
  return betweenMs > LOOK_MS + LATE_MS ? betweenMs - LOOK_MS : 0
}
