/**
 * Asks for a pool's record and replays it beside the page, so that the page stays responsive: reading an hour of it
 * takes a while too. It is cancelled by ending it.
 */
import { ApiError } from '../api/api-error.ts'
import { fetchBytes } from '../api/fetch-json.ts'
import { type ReplayMessage, type ReplayRequest, recordJob } from './replay-job.ts'
import { warmUp } from './replay-warm-up.ts'
import { readTraceRecord, type TraceRecord } from './trace-record.ts'

const tell = (message: ReplayMessage) => postMessage(message)

/** The record; null where the agent has none of that pool. */
async function recordAt(path: string): Promise<TraceRecord | null> {
  try {
    return await readTraceRecord(await fetchBytes(path))
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not_found') return null
    throw error
  }
}

let asked = false

addEventListener('message', async ({ data }: MessageEvent<ReplayRequest>) => {
  asked = true
  try {
    const messages = recordJob(await recordAt(data.path), data.pools, () => performance.now())
    for await (const message of messages) tell(message)
  } catch (error) {
    tell({ kind: 'unread', message: error instanceof Error ? error.message : String(error) })
  }
})

void warmUp(() => !asked)
