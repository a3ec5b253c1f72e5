import type { KnobMeasure, Level } from '@poolscope/protocol'

/** When a changed limit is judged, and by how much worse is worse. */
export const TRIAL = {
  /** After it is in force: the queue of before is served, and new connections are open. Rates are over 5 to 10 s. */
  settleMs: 20_000,
  /** What is compared, before and after. More is surer and slower. */
  compareMs: 60_000,
  /** With less known than this nothing is compared. */
  fewestSeconds: 20,
  fewestAttempts: 30,
  /** For so long after the settling it is compared with before; later, other things have changed too. */
  compareForMs: 15 * 60_000,
  /** It must be worse for so long in one piece; what is over 5 to 10 s shows one bad second for as long. */
  worseForMs: 20_000,
  /** Wait and hold together at their 95th percentile: worse at both, by the factor and by the time. */
  slowerRatio: 1.5,
  slowerMs: 10,
  /** Share of callers that give up: worse by so much, and at so many callers. */
  timeoutRatio: 0.01,
  fewestTimeouts: 5,
  /** With so many times the traffic of before, a larger pool is not to blame for longer waits. */
  busierRatio: 1.5,
} as const

/** A level, as far as it is bad news: what is not known is none. */
export function badness(level: Level): number {
  return level === 'critical' ? 2 : level === 'warn' ? 1 : 0
}

/** Whether there is so much more to do than before that nothing can be said of a larger pool. */
export function isBusier(before: KnobMeasure, after: KnobMeasure): boolean {
  if (before.attemptsPerSec === null || after.attemptsPerSec === null) return false
  return after.attemptsPerSec > before.attemptsPerSec * TRIAL.busierRatio
}

/** What is worse than before, as a sentence; null when nothing is, or when there is too little to say so. */
export function whatIsWorse(before: KnobMeasure, after: KnobMeasure): string | null {
  if (!isEnough(before) || !isEnough(after)) return null
  return moreGaveUp(before, after) ?? slower(before, after)
}

function isEnough({ seconds, attemptsPerSec }: KnobMeasure): boolean {
  return seconds >= TRIAL.fewestSeconds && seconds * (attemptsPerSec ?? 0) >= TRIAL.fewestAttempts
}

function moreGaveUp(before: KnobMeasure, after: KnobMeasure): string | null {
  if (before.timeoutRatio === null || after.timeoutRatio === null || after.attemptsPerSec === null)
    return null
  const timeouts = after.timeoutRatio * after.attemptsPerSec * after.seconds
  const more = after.timeoutRatio - before.timeoutRatio > TRIAL.timeoutRatio
  if (!more || timeouts < TRIAL.fewestTimeouts) return null
  return `${percent(after.timeoutRatio)} of the callers gave up, ${percent(before.timeoutRatio)} before.`
}

function slower(before: KnobMeasure, after: KnobMeasure): string | null {
  const [was, is] = [totalMs(before), totalMs(after)]
  if (was === null || is === null) return null
  if (is <= was * TRIAL.slowerRatio || is <= was + TRIAL.slowerMs) return null
  return `Wait and hold together took ${ms(is)} at the 95th percentile, ${ms(was)} before.`
}

/** From asking until giving back: what a larger pool takes from the wait it may add to the hold. */
function totalMs({ waitP95Ms, holdP95Ms }: KnobMeasure): number | null {
  return waitP95Ms === null || holdP95Ms === null ? null : waitP95Ms + holdP95Ms
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`
}

function ms(value: number): string {
  return `${value >= 10 ? Math.round(value) : value.toFixed(1)} ms`
}
