/**
 * Asks for a pool's record and replays it beside the page, so that the page stays responsive: reading an hour of it
 * takes a while too. It is cancelled by ending it.
 */
import type { Trace } from '@poolscope/protocol'
import { ApiError } from '../api/api-error.ts'
import { fetchJson } from '../api/fetch-json.ts'
import { type ReplayMessage, type ReplayRequest, recordJob } from './replay-job.ts'

const tell = (message: ReplayMessage) => postMessage(message)

/** The record; null where the agent has none of that pool. */
async function recordAt(path: string): Promise<Trace | null> {
  try {
    return (await fetchJson(path)) as Trace
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not_found') return null
    throw error
  }
}

addEventListener('message', async ({ data }: MessageEvent<ReplayRequest>) => {
  try {
    for (const message of recordJob(await recordAt(data.path), data.pools, () => performance.now()))
      tell(message)
  } catch (error) {
    tell({ kind: 'unread', message: error instanceof Error ? error.message : String(error) })
  }
})
