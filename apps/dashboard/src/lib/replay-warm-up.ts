import { encodeTrace } from '@poolscope/protocol'
import type { TracedPool } from '@poolscope/sizing'
import { recordJob } from './replay-job.ts'
import type { TraceRecord } from './trace-record.ts'

const POOL: TracedPool = {
  size: 20,
  acquireTimeoutMs: 1000,
  idleTimeoutMs: 10_000,
  min: 0,
  connectMs: 5,
}
const WINDOWS = 15
const WINDOW_MS = 5000
const PER_WINDOW = 2000
const HOLD_MS = 20
/** What a request may have to wait for, ms. */
const STEP_MS = 5

/**
 * Replays traffic that is made up, for no result: most of what a first answer takes in a fresh worker is code that is
 * not compiled yet, and while the page is loading there is nothing else to do. Lets go of the thread every few ms.
 * @param wanted whether to go on
 */
export async function warmUp(wanted: () => boolean): Promise<void> {
  const pools = new Map([['', POOL]])
  for await (const _ of recordJob(madeUp(), pools, () => performance.now(), STEP_MS)) {
    await new Promise((resolve) => setTimeout(resolve))
    if (!wanted()) return
  }
}

/** Arrivals at random that keep some eight connections busy. */
function madeUp(): TraceRecord {
  let state = 1
  const exponential = (mean: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return -Math.log(1 - state / 2 ** 32) * mean
  }
  const windows = Array.from({ length: WINDOWS }, (_, index) => {
    let asked = 0
    const arrivalMs = Float64Array.from({ length: PER_WINDOW }, () => {
      asked = Math.min(WINDOW_MS, asked + exponential(WINDOW_MS / PER_WINDOW))
      // In the order in which they are settled, not in which they ask.
      return asked - exponential(HOLD_MS)
    })
    const bytes = encodeTrace({
      windowMs: WINDOW_MS,
      arrivalMs,
      waitMs: new Float64Array(PER_WINDOW),
      holdMs: arrivalMs.map(() => exponential(HOLD_MS)),
      caller: new Uint32Array(PER_WINDOW),
      inFlight: [],
    })
    return { fromMs: index * WINDOW_MS, bytes }
  })
  const blocks = windows.map(({ fromMs, bytes }) => ({ fromMs, bytes: bytes.length })).reverse()
  return {
    head: { poolId: '', atMs: 0, windowMs: WINDOWS * WINDOW_MS, blocks, heldMs: [HOLD_MS] },
    newest: async (count) => windows.slice(WINDOWS - count),
  }
}
