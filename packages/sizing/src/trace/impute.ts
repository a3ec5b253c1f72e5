import { randomFrom } from './random.ts'
import type { Trace } from './trace.ts'

/** How many of the holds before it a missing hold is drawn from. */
const RECENT = 64
const SEED = 1

/**
 * The holds that the checkouts would have had in a pool with room: those that gave up get a hold drawn from the
 * completed ones just before them, those still held at the window's end one that is longer than their age.
 * Leaving either out makes every answer too good: who gives up came in the worst moments, and what is still held is
 * the longest. Where nothing longer than an age was completed, the age stands.
 */
export function imputedHolds(trace: Trace): Float64Array {
  const { holdMs, inFlight } = trace
  const holds = holdMs.slice()
  const random = randomFrom(SEED)
  const censored = new Set(inFlight)
  const firstCompletedMs = holdMs.find((hold) => !Number.isNaN(hold))
  const recent = new Float64Array(RECENT)
  let seen = 0
  for (let i = 0; i < holds.length; i++) {
    const hold = holdMs[i] as number
    if (Number.isNaN(hold)) {
      const pick = recent[Math.floor(random() * Math.min(seen, RECENT))]
      holds[i] = (seen === 0 ? firstCompletedMs : pick) ?? 0
    } else if (censored.size === 0 || !censored.has(i)) recent[seen++ % RECENT] = hold
  }
  for (const place of inFlight) {
    const age = holdMs[place] as number
    const longer = longerThan(trace, censored, age)
    const pick = longer[Math.floor(random() * longer.length)]
    if (pick !== undefined) holds[place] = pick
  }
  return holds
}

function longerThan(trace: Trace, censored: ReadonlySet<number>, age: number): number[] {
  const longer: number[] = []
  for (let i = trace.holdMs.length - 1; i >= 0 && longer.length < 1000; i--) {
    const hold = trace.holdMs[i] as number
    if (hold > age && !censored.has(i)) longer.push(hold)
  }
  return longer
}
