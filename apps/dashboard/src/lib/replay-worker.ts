/**
 * Asks for a pool's record and replays it beside the page, so that the page stays responsive: reading an hour of it
 * takes a while too. It is cancelled by ending it. Of a long record it gives a part of the sizes to workers of its own,
 * which run this script as well.
 */

import { type GroupDetail, type History, readTraceRecord } from '@poolscope/protocol'
import { ApiError } from '../api/api-error.ts'
import { fetchBytes, fetchJson } from '../api/fetch-json.ts'
import { groupHistoryPath, groupPath, tracePath } from '../api/paths.ts'
import { poolsToReplay, settingsOf } from './pools-to-replay.ts'
import { type Foreseen, foresee, takeForeseen } from './replay-foreseen.ts'
import { startHands } from './replay-hands.ts'
import {
  type Pace,
  type PoolSettings,
  type ReplayMessage,
  type ReplayRequest,
  recordJob,
} from './replay-job.ts'
import { makeReady, putTogether, type ReadyRecord } from './replay-record.ts'
import { type HandRequest, handOf } from './replay-share.ts'

const PACE: Pace = { nowMs: () => performance.now(), stepMs: 50 }

/** The record; null where the agent has none of that pool. */
async function recordOf(groupId: string): Promise<ReadyRecord | null> {
  try {
    const bytes = await fetchBytes(tracePath(groupId))
    const decoder = new TextDecoder()
    const record = await readTraceRecord(bytes.getReader(), (text) => decoder.decode(text))
    return await makeReady(record, startHands)
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not_found') return null
    throw error
  }
}

/** The settings that the page will ask with, unless they change meanwhile. */
async function likelySettings(groupId: string): Promise<PoolSettings> {
  const [detail, history] = await Promise.all([
    fetchJson(groupPath(groupId)) as Promise<GroupDetail>,
    fetchJson(groupHistoryPath(groupId)) as Promise<History>,
  ])
  return settingsOf(poolsToReplay({ detail, history }))
}

let groupId = ''
/** Null where it did not come before anybody asked. */
let ready: Promise<ReadyRecord | null> | null = null
let asked = false
let foreseen: Foreseen | null = null
let hand: ReturnType<typeof handOf> | null = null

/** Does what can be done before somebody asks. A fresh worker's code is not compiled before it has run, so that alone helps. */
async function prepare(record: Promise<ReadyRecord | null>): Promise<void> {
  try {
    // Whoever knows the settings asks at once.
    await new Promise((resolve) => setTimeout(resolve))
    const pools = asked ? null : await likelySettings(groupId)
    const found = await record
    if (found === null || pools === null || asked) return
    foreseen = foresee(pools, replayed(pools))
    await foreseen.first
    await putTogether(found, () => !asked)
  } catch {
    // Whoever asks is told.
  }
}

async function* replayed(pools: PoolSettings): AsyncGenerator<ReplayMessage, void, void> {
  yield* recordJob(await (ready ?? recordOf(groupId)), pools, PACE)
}

async function answer(pools: PoolSettings): Promise<void> {
  const tell = (message: ReplayMessage) => postMessage(message)
  try {
    const begun = await takeForeseen(foreseen, pools)
    for (const message of begun?.first ?? []) tell(message)
    for await (const message of begun?.rest ?? replayed(pools)) tell(message)
  } catch (error) {
    tell({ kind: 'unread', message: error instanceof Error ? error.message : String(error) })
  }
}

addEventListener('message', ({ data }: MessageEvent<ReplayRequest | HandRequest>) => {
  switch (data.kind) {
    case 'read':
      groupId = data.groupId
      ready = recordOf(groupId)
      // Whoever has asked is told; for whoever asks later it is tried again.
      ready.catch(() => {
        if (!asked) ready = null
      })
      void prepare(ready)
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
