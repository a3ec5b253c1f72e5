import { createReplay, type Trace, type TracedPool } from '@poolscope/sizing'

const ANY: TracedPool = {
  size: 20,
  acquireTimeoutMs: 1000,
  idleTimeoutMs: 10_000,
  min: 0,
  connectMs: 5,
}
/** What a request may have to wait for, ms. */
const STEP_MS = 5

/**
 * Replays the last minutes of a record under settings that are made up, for no result: a good part of what a first
 * answer takes in a fresh worker is code that is not compiled yet, and while the settings come there is nothing else
 * to do. Lets go of the thread every few ms.
 * @param wanted whether to go on
 */
export async function warmUp(recent: Trace, wanted: () => boolean): Promise<void> {
  const replay = createReplay(recent, ANY, () => performance.now(), 'some sizes')
  while (!replay.step(STEP_MS).done) {
    await new Promise((resolve) => setTimeout(resolve))
    if (!wanted()) return
  }
}
