import { checkNumber } from '../check-number.ts'
import { checkTrace, checkTracedPool, lastOf, type Trace, type TracedPool } from '../trace/trace.ts'
import { type Prediction, predict } from './predict.ts'

/** How far a replay has come. */
export type ReplayProgress = {
  /** `recent`: the last five minutes at some sizes, for a first answer. `whole`: all of it. */
  stage: 'recent' | 'whole'
  /** Share of the stage, 0 to 1. */
  progressRatio: number
  /** The last stage that was finished; `null` before the first. */
  prediction: Prediction | null
  done: boolean
}

/** A replay that is run in steps, so that a worker can report, and stop, in between. */
export type Replay = {
  /** Works for about so long. After `cancel`, and when done, it does nothing. */
  step(budgetMs: number): ReplayProgress
  cancel(): void
}

const RECENT_MS = 300_000

/**
 * Predicts waits, time-outs and utilization of every size of a pool, by putting its own traffic through it again.
 *
 * Holds good for what the trace holds: bursts, slow periods and callers that were in it. It knows nothing of traffic that
 * never came, nor of other pools on the same server that would behave differently.
 * @param nowMs a clock, for the budget of a step
 * @throws TypeError, RangeError when the trace or the pool cannot be replayed
 */
export function createReplay(trace: Trace, pool: TracedPool, nowMs: () => number): Replay {
  checkTrace(trace)
  checkTracedPool(pool)
  let stage: 'recent' | 'whole' = trace.windowMs <= RECENT_MS ? 'whole' : 'recent'
  let work =
    stage === 'whole'
      ? predict(trace, pool, 'all sizes')
      : predict(lastOf(trace, RECENT_MS), pool, 'some sizes')
  let prediction: Prediction | null = null
  let progressRatio = 0
  let done = false
  return {
    step(budgetMs) {
      checkNumber('budgetMs', budgetMs, { min: 0, max: 60_000, unit: 'ms' })
      const until = nowMs() + budgetMs
      while (!done) {
        const next = work.next()
        if (next.done !== true) progressRatio = next.value
        else {
          prediction = next.value
          done = stage === 'whole'
          progressRatio = done ? 1 : 0
          if (!done) {
            // The first answer is worth more than the rest of the budget.
            stage = 'whole'
            work = predict(trace, pool, 'all sizes')
            break
          }
        }
        if (nowMs() >= until) break
      }
      return { stage, progressRatio, prediction, done }
    },
    cancel() {
      done = true
    },
  }
}

/**
 * Replays the whole of a trace in one go: for a terminal, a test or a short trace.
 * @throws TypeError, RangeError when the trace or the pool cannot be replayed
 */
export function replay(trace: Trace, pool: TracedPool): Prediction {
  const work = predict(checkTrace(trace), checkTracedPool(pool), 'all sizes')
  for (;;) {
    const next = work.next()
    if (next.done === true) return next.value
  }
}
