import { randomFrom } from './random.ts'
import { knowsCallers, type Trace } from './trace.ts'

/** Checkouts that wait for each other: one asks when its caller's one before is done, or at its own time. */
export type Flows = {
  /** The hold, or in a pool with contention the work, ms. */
  workMs: Float64Array
  /** The checkout after which this one asks; -1: none. In order of arrival, so always an earlier place. */
  parent: Int32Array
  /** With a parent: from its end to asking. Without: when it asks, from the window's start. ms */
  gapMs: Float64Array
  windowMs: number
  /** Whether a caller whose wait timed out goes on with its next checkout. */
  goesOn: boolean
}

/** Share of checkouts that follow another of their caller, above which a trace is replayed as flows. */
const FOLLOWING = 0.05
/** With more checkouts than this a caller is a worker that loops, not one request. */
const WORKER = 20

/** Checkouts on their own: each asks when it asked. */
export function independent(trace: Trace, workMs: Float64Array): Flows {
  return {
    workMs,
    parent: new Int32Array(workMs.length).fill(-1),
    gapMs: trace.arrivalMs,
    windowMs: trace.windowMs,
    goesOn: false,
  }
}

/**
 * The flows that the caller ids tell of; `null` where few checkouts follow another of their caller.
 * A checkout follows the last one of its caller that was done when it asked; where several ran side by side, the
 * one that all of them followed.
 */
export function flowsOfCallers(trace: Trace, workMs: Float64Array): Flows | null {
  const { arrivalMs, waitMs, holdMs, caller, windowMs } = trace
  if (!knowsCallers(trace)) return null
  const parent = new Int32Array(arrivalMs.length).fill(-1)
  const gapMs = arrivalMs.slice()
  const last = new Map<number, number>()
  const counts = new Map<number, number>()
  let following = 0
  const endOf = (i: number) => {
    const hold = holdMs[i] as number
    return (arrivalMs[i] as number) + (waitMs[i] as number) + (Number.isNaN(hold) ? 0 : hold)
  }
  for (let i = 0; i < arrivalMs.length; i++) {
    const id = caller[i] as number
    if (id === 0) continue
    counts.set(id, (counts.get(id) ?? 0) + 1)
    const arrival = arrivalMs[i] as number
    let before = last.get(id) ?? -1
    while (before >= 0 && endOf(before) > arrival + slackOf(holdMs[before] as number)) {
      before = parent[before] as number
    }
    if (before >= 0) {
      following++
      parent[i] = before
      gapMs[i] = Math.max(0, arrival - endOf(before))
    }
    last.set(id, i)
  }
  if (following < FOLLOWING * arrivalMs.length) return null
  return { workMs, parent, gapMs, windowMs, goesOn: goesOn(trace, parent, counts) }
}

/** Holds are kept to 2.2 %, so an end may seem to lie a little after what followed it. */
function slackOf(holdMs: number): number {
  return Number.isNaN(holdMs) ? 0.2 : 0.2 + 0.025 * holdMs
}

/** Whether callers go on after a time-out: as seen, and where none timed out, if they look like workers. */
function goesOn(trace: Trace, parent: Int32Array, counts: ReadonlyMap<number, number>): boolean {
  if (trace.holdMs.some(Number.isNaN)) return parent.some((before) => Number.isNaN(trace.holdMs[before]))
  const total = [...counts.values()].reduce((sum, n) => sum + n, 0)
  return total / counts.size > WORKER
}

/** Callers that ask, wait to be answered, think, and ask again. */
export type ClosedLoop = {
  /** How many callers. */
  callers: number
  /** Mean time between an answer and the next question, ms. */
  thinkMs: number
}

/** Flows of a closed loop: each caller takes the next hold of the trace and thinks an exponential time. */
export function flowsOfLoop(trace: Trace, workMs: Float64Array, loop: ClosedLoop): Flows {
  const random = randomFrom(2)
  const parent = new Int32Array(workMs.length)
  const gapMs = new Float64Array(workMs.length)
  for (let i = 0; i < workMs.length; i++) {
    parent[i] = i < loop.callers ? -1 : i - loop.callers
    gapMs[i] = -Math.log(1 - random()) * loop.thinkMs
  }
  gapMs.subarray(0, loop.callers).sort()
  return { workMs, parent, gapMs, windowMs: trace.windowMs, goesOn: true }
}
