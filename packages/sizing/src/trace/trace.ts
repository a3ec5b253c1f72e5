import { checkNumber } from '../check-number.ts'
import { firstFrom } from './order.ts'

/** What one pool lived through in one window without a gap: every checkout, in order of arrival. */
export type Trace = {
  /** When it asked, ms from the window's start, rising. */
  arrivalMs: Float64Array
  /** How long it waited, ms; for one that gave up, until it did. */
  waitMs: Float64Array
  /** How long it kept the connection, ms; NaN where it gave up waiting. */
  holdMs: Float64Array
  /** Which request or worker asked, 0 where not known. */
  caller: Uint32Array
  /** Places of checkouts that still held their connection at the window's end: their hold is only its age. */
  inFlight: readonly number[]
  windowMs: number
}

/** The pool that the trace was taken from. */
export type TracedPool = {
  /** Most connections that it could open, 1 to 10 000. */
  size: number
  /** After how long a caller gives up, ms; `null`: never. */
  acquireTimeoutMs: number | null
  /** After how long an idle connection is closed, ms; `null`: never. */
  idleTimeoutMs: number | null
  /** Connections kept open when idle. */
  min: number
  /** What opening one costs, ms. */
  connectMs: number
}

/** Longest window, and longest single duration in it. */
const DAY_MS = 86_400_000

/** Most checkouts in one trace. */
export const MOST_CHECKOUTS = 5_000_000

/**
 * Gives the trace back when a replay can rely on it.
 * @throws TypeError, RangeError that name the column, the place and what was expected
 */
export function checkTrace(trace: Trace): Trace {
  const { arrivalMs, waitMs, holdMs, caller, inFlight, windowMs } = trace
  const length = arrivalMs.length
  checkNumber('windowMs', windowMs, { min: 0, max: DAY_MS, unit: 'ms' })
  checkNumber('arrivalMs.length', length, { min: 0, max: MOST_CHECKOUTS, unit: 'checkouts' })
  for (const [name, column] of Object.entries({ waitMs, holdMs, caller })) {
    if (column.length !== length) {
      throw new RangeError(`${name} must be as long as arrivalMs, ${length}, not ${column.length}`)
    }
  }
  for (let i = 0; i < length; i++) {
    const arrival = arrivalMs[i] as number
    const earlier = i === 0 ? 0 : (arrivalMs[i - 1] as number)
    if (!(arrival >= earlier && arrival <= windowMs)) {
      throw new RangeError(`arrivalMs[${i}] must rise from 0 to windowMs, not ${earlier} to ${arrival}`)
    }
    const wait = waitMs[i] as number
    if (!(wait >= 0 && wait <= DAY_MS)) {
      throw new RangeError(`waitMs[${i}] must be from 0 to ${DAY_MS} ms, not ${wait}`)
    }
    const hold = holdMs[i] as number
    if (!(Number.isNaN(hold) || (hold >= 0 && hold <= DAY_MS))) {
      throw new RangeError(`holdMs[${i}] must be from 0 to ${DAY_MS} ms or NaN, not ${hold}`)
    }
  }
  for (const place of inFlight) {
    checkNumber('inFlight', place, { min: 0, max: length - 1, whole: true })
    if (Number.isNaN(holdMs[place])) throw new RangeError(`inFlight names ${place}, which gave up waiting`)
  }
  return trace
}

/** Gives the pool back when its settings are in range. @throws TypeError, RangeError that name the setting */
export function checkTracedPool(pool: TracedPool): TracedPool {
  checkNumber('size', pool.size, { min: 1, max: 10_000, unit: 'connections', whole: true })
  checkNumber('min', pool.min, { min: 0, max: 10_000, unit: 'connections', whole: true })
  checkNumber('connectMs', pool.connectMs, { min: 0, max: 600_000, unit: 'ms' })
  if (pool.acquireTimeoutMs !== null) {
    checkNumber('acquireTimeoutMs', pool.acquireTimeoutMs, { min: 1, max: DAY_MS, unit: 'ms' })
  }
  if (pool.idleTimeoutMs !== null) {
    checkNumber('idleTimeoutMs', pool.idleTimeoutMs, { min: 1, max: DAY_MS, unit: 'ms' })
  }
  return pool
}

/** Whether any checkout says who asked for it. */
export function knowsCallers({ caller }: Trace): boolean {
  for (let i = 0; i < caller.length; i++) if (caller[i] !== 0) return true
  return false
}

/** The last part of a trace, so many ms long, its times counted from there. */
export function lastOf(trace: Trace, lastMs: number): Trace {
  const fromMs = Math.max(0, trace.windowMs - lastMs)
  return fromPlace(trace, firstFrom(trace.arrivalMs, fromMs), fromMs)
}

/** The last checkouts of a trace, so many at most. */
export function lastCheckouts(trace: Trace, most: number): Trace {
  const first = Math.max(0, trace.arrivalMs.length - most)
  return fromPlace(trace, first, first === 0 ? 0 : (trace.arrivalMs[first] as number))
}

function fromPlace(trace: Trace, first: number, fromMs: number): Trace {
  return {
    arrivalMs: trace.arrivalMs.slice(first).map((ms) => ms - fromMs),
    waitMs: trace.waitMs.subarray(first),
    holdMs: trace.holdMs.subarray(first),
    caller: trace.caller.subarray(first),
    inFlight: trace.inFlight.filter((place) => place >= first).map((place) => place - first),
    windowMs: trace.windowMs - fromMs,
  }
}
