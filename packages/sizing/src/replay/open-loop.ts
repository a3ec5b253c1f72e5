import { makeEngine, PIECE } from './engine.ts'
import { BUCKETS, percentilesOf } from './histogram.ts'
import { p95Spread, type SizeTally } from './tally.ts'

/** The pool's own rules, the same at every size. `Infinity` stands for never. */
export type PoolRules = {
  /** How long a caller waits before it gives up, ms. */
  acquireTimeoutMs: number
  /** After how long an idle connection is closed, ms. */
  idleTimeoutMs: number
  /** Connections that are not closed when idle. */
  min: number
  /** What it costs to open one, ms. */
  connectMs: number
}

/** Checkouts in order of arrival, each with the hold that it needs. */
export type Work = {
  /** ms from the window's start, rising. */
  arrivalMs: Float64Array
  holdMs: Float64Array
  windowMs: number
}

/** A replay of several sizes at once, a piece at a time. */
export type OpenLoop = {
  readonly done: boolean
  /** Share of the checkouts replayed, 0 to 1. */
  readonly progressRatio: number
  /** Replays the next piece, some milliseconds of work at most. */
  advance(): void
  /** What each size has counted so far, in the order of the sizes. */
  results(): SizeTally[]
}

/** Largest size that is replayed. */
export const MAX_SIZE = 64

/** Parts of the window whose p95 make the spread. */
export const BLOCKS = 8

/**
 * Replays independent checkouts through several sizes: waiters in order, time-outs, the connection
 * returned last used first, idle ones closed, new ones opened at a cost. Times are whole ticks.
 *
 * A size behaves like a pool without bound until that has as many busy as the size, and again from the moment when
 * every checkout that it delayed or refused is gone from both. So the unbounded pool is replayed once, and each size
 * only between these two moments. One approximation: in such a stretch a size opens connections where the
 * unbounded pool does, if nobody has to wait for one; idle ages differ by no more than the backlog lasts.
 * Within a stretch a size needs only the moments at which its connections come free
 * (J. Kiefer and J. Wolfowitz, "On the Theory of Queues with Many Servers", 1955).
 * @param sizes up to {@link MAX_SIZE}; what is said of one does not depend on the others
 */
export function openLoop(work: Work, rules: PoolRules, sizes: readonly number[], tickMs: number): OpenLoop {
  const { arrivalMs, windowMs } = work
  const total = arrivalMs.length
  const engine = makeEngine(work, rules, sizes, loadOf(work), tickMs)
  const pastBase = new Float64Array(2 * BUCKETS)
  const past = new Float64Array(sizes.length * 2 * BUCKETS)
  const spreads = sizes.map(() => p95Spread(tickMs))
  const baseSpread = p95Spread(tickMs)
  let at = 0
  let block = 1

  /** Folds the block's counts into those of the past, and its p95 into the spread. */
  function endBlock(): void {
    const waits = new Float64Array(BUCKETS)
    const baseP95 = baseSpread.add(engine.baseTallies)
    sizes.forEach((_, lane) => {
      if (engine.counted[lane] === 0) {
        spreads[lane]?.include(baseP95)
        return
      }
      const offset = lane * 2 * BUCKETS
      for (let b = 0; b < 2 * BUCKETS; b++) {
        const difference = engine.tallies[offset + b] as number
        past[offset + b] = (past[offset + b] as number) + difference
        if (b < BUCKETS)
          waits[b] = difference + (engine.own[lane] === 1 ? 0 : (engine.baseTallies[b] as number))
      }
      spreads[lane]?.add(waits)
    })
    for (let b = 0; b < 2 * BUCKETS; b++) {
      pastBase[b] = (pastBase[b] as number) + (engine.baseTallies[b] as number)
    }
    engine.baseTallies.fill(0)
    engine.tallies.fill(0)
    engine.counted.fill(0)
    block++
  }

  function result(size: number, lane: number): SizeTally {
    const timeouts = engine.timeouts[lane] as number
    const answered = at - timeouts
    const spanMs = at >= total ? windowMs : (arrivalMs[at] as number)
    const counts = new Float64Array(2 * BUCKETS)
    const offset = lane * 2 * BUCKETS
    const share = engine.own[lane] === 1 ? 0 : 1
    for (let b = 0; b < 2 * BUCKETS; b++) {
      const counted = (past[offset + b] as number) + (engine.tallies[offset + b] as number)
      counts[b] = counted + share * ((pastBase[b] as number) + (engine.baseTallies[b] as number))
    }
    const waited = share * engine.baseWaitedTicks + (engine.waitedTicks[lane] as number)
    const held = engine.heldTicks - (engine.refusedTicks[lane] as number)
    return {
      size,
      waitMs: percentilesOf(counts.subarray(0, BUCKETS), tickMs, rules.acquireTimeoutMs),
      totalMs: percentilesOf(counts.subarray(BUCKETS), tickMs),
      meanWaitMs: answered === 0 ? null : (waited * tickMs) / answered,
      timeoutRatio: at === 0 ? 0 : timeouts / at,
      utilizationRatio: spanMs > 0 ? Math.min(1, (held * tickMs) / (spanMs * size)) : 0,
      opened: engine.opened[lane] as number,
      waitP95SpreadMs: spreads[lane]?.value() ?? null,
    }
  }

  return {
    get done() {
      return at >= total
    },
    get progressRatio() {
      return total === 0 ? 1 : at / total
    },
    advance() {
      if (at >= total) return
      const blockEndMs = block < BLOCKS ? (windowMs * block) / BLOCKS : Number.POSITIVE_INFINITY
      let to = Math.min(total, at + PIECE)
      if ((arrivalMs[to - 1] as number) >= blockEndMs) {
        to = at
        while ((arrivalMs[to] as number) < blockEndMs) to++
      }
      if (to > at) {
        engine.replay(at, to)
        at = to
      }
      if (at === total || (arrivalMs[at] as number) >= blockEndMs) endBlock()
    },
    results: () => sizes.map(result),
  }
}

/** Connections that the traffic keeps busy in the mean. */
function loadOf({ holdMs, windowMs }: Work): number {
  let held = 0
  for (let i = 0; i < holdMs.length; i++) held += holdMs[i] as number
  return windowMs > 0 ? held / windowMs : 0
}
