import { nextArrivalMs, type Random } from './random.ts'

/** Work that customers bring, whether or not the shop keeps up. */
export type Demand = {
  /** Arrivals a second when the shop is busiest. */
  perSec: number
  run: () => Promise<void>
}

/** What became of it so far. */
export type DemandCounts = { done: number; failed: number; turnedAway: number }

/** Arrivals beyond this many unfinished ones are turned away and counted, so that memory stays bounded. */
const MOST_UNFINISHED = 200

/**
 * Starts work at random moments without waiting for earlier work to end: customers do not
 * slow down because the shop does. That is what makes queues show.
 * @param load share of the busiest rate, asked before each arrival
 * @returns a function that ends it and waits for what is under way, and the counts
 */
export function openLoop(
  demand: Demand,
  load: () => number,
  random: Random,
): { counts: DemandCounts; stop: () => Promise<void> } {
  const counts = { done: 0, failed: 0, turnedAway: 0 }
  const unfinished = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | null = null
  const arrive = () => {
    if (unfinished.size >= MOST_UNFINISHED) {
      counts.turnedAway += 1
      return
    }
    const work = demand.run().then(
      () => {
        counts.done += 1
      },
      () => {
        counts.failed += 1
      },
    )
    unfinished.add(work)
    void work.then(() => unfinished.delete(work))
  }
  const schedule = () => {
    timer = setTimeout(
      () => {
        arrive()
        schedule()
      },
      nextArrivalMs(random, demand.perSec * load()),
    )
  }
  schedule()
  return {
    counts,
    stop: async () => {
      if (timer !== null) clearTimeout(timer)
      await Promise.all(unfinished)
    },
  }
}
