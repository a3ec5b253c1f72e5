import { BUCKETS, bucketOf, type Percentiles, percentilesOf, quantileOf } from './histogram.ts'

/** What a replay counted for one size. */
export type SizeTally = {
  size: number
  /** Of the checkouts that were answered; `null` when none was. */
  waitMs: Percentiles | null
  /** Wait and hold together, of those answered. */
  totalMs: Percentiles | null
  meanWaitMs: number | null
  timeoutRatio: number
  /** Busy time over size times the time replayed. */
  utilizationRatio: number
  /** Connections opened during the replay, those of the start not counted. */
  opened: number
  /** Lowest and highest p95 of the wait among the blocks of the window, ms; `null` with fewer than two. */
  waitP95SpreadMs: { low: number; high: number } | null
}

/** Counts of one size, block by block. */
export type Tally = {
  /** One checkout that was answered, in whole ticks. */
  add(waitTicks: number, holdTicks: number): void
  timeout(): void
  opened(): void
  /** Ends a block: its p95 joins the spread. */
  endBlock(): void
  /** What was counted so far. @param spanMs time replayed */
  result(size: number, spanMs: number): SizeTally
}

/** Makes an empty tally. @param acquireTimeoutMs longest wait that is answered */
export function tally(tickMs: number, acquireTimeoutMs: number): Tally {
  const wait = new Uint32Array(BUCKETS)
  const total = new Uint32Array(BUCKETS)
  const blockWait = new Uint32Array(BUCKETS)
  const spread = p95Spread(tickMs)
  let answered = 0
  let timeouts = 0
  let opens = 0
  let waited = 0
  let held = 0
  return {
    add(waitTicks, holdTicks) {
      answered++
      waited += waitTicks
      held += holdTicks
      const bucket = bucketOf(waitTicks)
      wait[bucket] = (wait[bucket] as number) + 1
      blockWait[bucket] = (blockWait[bucket] as number) + 1
      const totalBucket = bucketOf(waitTicks + holdTicks)
      total[totalBucket] = (total[totalBucket] as number) + 1
    },
    timeout() {
      timeouts++
    },
    opened() {
      opens++
    },
    endBlock() {
      spread.add(blockWait)
      blockWait.fill(0)
    },
    result: (size, spanMs) => ({
      size,
      waitMs: percentilesOf(wait, tickMs, acquireTimeoutMs),
      totalMs: percentilesOf(total, tickMs),
      meanWaitMs: answered === 0 ? null : (waited * tickMs) / answered,
      timeoutRatio: timeouts === 0 ? 0 : timeouts / (answered + timeouts),
      utilizationRatio: spanMs > 0 ? Math.min(1, (held * tickMs) / (spanMs * size)) : 0,
      opened: opens,
      waitP95SpreadMs: spread.value(),
    }),
  }
}

/** Fewer answered checkouts than this have no p95 worth a place in the spread. */
const LEAST_FOR_P95 = 20

/** The lowest and the highest p95 among blocks. */
export type P95Spread = {
  /** Takes in a block's counts; answers its p95, ms, `null` where it has too few. */
  add(counts: ArrayLike<number>): number | null
  /** Takes in a p95 already known. */
  include(p95: number | null): void
  /** `null` before the second block. */
  value(): { low: number; high: number } | null
}

/** Keeps the lowest and the highest p95 among blocks. */
export function p95Spread(tickMs: number): P95Spread {
  let blocks = 0
  let low = Number.POSITIVE_INFINITY
  let high = 0
  function include(p95: number | null): void {
    if (p95 === null) return
    blocks++
    low = Math.min(low, p95)
    high = Math.max(high, p95)
  }
  return {
    add(counts) {
      let answered = 0
      for (let i = 0; i < BUCKETS; i++) answered += counts[i] as number
      const p95 = answered < LEAST_FOR_P95 ? null : quantileOf(counts, answered * 0.95) * tickMs
      include(p95)
      return p95
    },
    include,
    value: () => (blocks < 2 ? null : { low, high }),
  }
}
