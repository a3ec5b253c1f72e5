/**
 * Asks for a pool's record and replays it beside the page, so that the page stays responsive: reading an hour of it
 * takes a while too. It is cancelled by ending it. Of a long record it gives a part of the sizes to workers of its own,
 * which run this script as well.
 */

import { readTraceRecord } from '@poolscope/protocol'
import { ApiError } from '../api/api-error.ts'
import { fetchBytes } from '../api/fetch-json.ts'
import { startHands } from './replay-hands.ts'
import {
  type Pace,
  type PoolSettings,
  type ReplayMessage,
  type ReplayRequest,
  recordJob,
} from './replay-job.ts'
import { makeReady, type ReadyRecord } from './replay-record.ts'
import { type HandRequest, handOf } from './replay-share.ts'
import { warmUp } from './replay-warm-up.ts'

const PACE: Pace = { nowMs: () => performance.now(), stepMs: 50 }

/** The record; null where the agent has none of that pool. */
async function readyAt(path: string): Promise<ReadyRecord | null> {
  try {
    const bytes = await fetchBytes(path)
    const decoder = new TextDecoder()
    const record = await readTraceRecord(bytes.getReader(), (text) => decoder.decode(text))
    return await makeReady(record, startHands)
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not_found') return null
    throw error
  }
}

let ready: Promise<ReadyRecord | null> = Promise.resolve(null)
let asked = false
let hand: ReturnType<typeof handOf> | null = null

async function answer(pools: PoolSettings): Promise<void> {
  const tell = (message: ReplayMessage) => postMessage(message)
  try {
    for await (const message of recordJob(await ready, pools, PACE)) tell(message)
  } catch (error) {
    tell({ kind: 'unread', message: error instanceof Error ? error.message : String(error) })
  }
}

addEventListener('message', ({ data }: MessageEvent<ReplayRequest | HandRequest>) => {
  switch (data.kind) {
    case 'read':
      ready = readyAt(data.path)
      ready.then(
        async (record) => {
          if (record?.recent != null && !asked) await warmUp(record.recent, () => !asked)
        },
        // Whoever asks for a replay is told.
        () => {},
      )
      break
    case 'replay':
      asked = true
      void answer(data.pools)
      break
    case 'record':
      hand = handOf(data.record)
      break
    case 'share':
      // As this is no promise, whoever started this worker is told of an error.
      postMessage(hand?.(data.share))
  }
})
