import { checkNumber } from '../check-number.ts'
import type { Trace, TracedPool } from '../trace/trace.ts'
import { type Extent, type Prediction, planReplay, type ReplayPlan } from './predict.ts'

/** How far a replay has come. */
export type ReplayProgress = {
  /** Share of it, 0 to 1. */
  progressRatio: number
  /** `null` before it is done, and where it was cancelled. */
  prediction: Prediction | null
  done: boolean
}

/** A replay that is run in steps, so that a worker can report, and stop, in between. */
export type Replay = {
  /** Works for about so long. After `cancel`, and when done, it does nothing. */
  step(budgetMs: number): ReplayProgress
  cancel(): void
}

/**
 * Predicts waits, time-outs and utilization of every size of a pool, by putting its own traffic through it again.
 *
 * Holds good for what the trace holds: bursts, slow periods and callers that were in it. It knows nothing of traffic that
 * never came, nor of other pools on the same server that would behave differently.
 * @param nowMs a clock, for the budget of a step
 * @param extent `some sizes` is for a first answer, from {@link lastOf} a trace
 * @throws TypeError, RangeError when the trace or the pool cannot be replayed
 */
export function createReplay(
  trace: Trace,
  pool: TracedPool,
  nowMs: () => number,
  extent: Extent = 'all sizes',
): Replay {
  const work = inOneThread(planReplay(trace, pool, extent))
  let prediction: Prediction | null = null
  let progressRatio = 0
  let done = false
  return {
    step(budgetMs) {
      checkNumber('budgetMs', budgetMs, { min: 0, max: 60_000, unit: 'ms' })
      const until = nowMs() + budgetMs
      while (!done) {
        const next = work.next()
        if (next.done === true) {
          prediction = next.value
          progressRatio = 1
          done = true
        } else progressRatio = next.value
        if (nowMs() >= until) break
      }
      return { progressRatio, prediction, done }
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
  const work = inOneThread(planReplay(trace, pool, 'all sizes'))
  for (;;) {
    const next = work.next()
    if (next.done === true) return next.value
  }
}

/** Replays what is planned: yields how far it has come, 0 to 1. */
function* inOneThread(plan: ReplayPlan): Generator<number, Prediction, void> {
  const { sizes, ratio } = plan.first
  const first = yield* scaled(plan.replay(sizes), 0, ratio)
  const more = yield* scaled(plan.replay(plan.next(first)), ratio, 1)
  return plan.conclude([...first, ...more])
}

function* scaled<T>(steps: Generator<number, T, void>, from: number, to: number): Generator<number, T, void> {
  for (;;) {
    const next = steps.next()
    if (next.done === true) return next.value
    yield from + (to - from) * next.value
  }
}
