import type { GroupDetail, GroupNow, History } from '@poolscope/protocol'
import { useEffect, useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import { fetchJson } from '../api/fetch-json.ts'
import { liveSparkQuery, SPARK_POINTS, SparkTable } from '../live/spark-table.ts'

const ASK_EVERY_MS = 1000
/** An agent that does not answer is asked more and more seldom, down to this. */
const SELDOM_MS = 15_000

/** What is known of the pool group. `error` says why nothing newer is; what was known stays. */
export type GroupState = { group: GroupNow | null; spark: Float32Array | null; error: ApiError | null }

/**
 * A pool group, asked for once a second while the card can be seen. What was refused for good, such as an expired link, is
 * not asked again.
 * @param token of the embed link; null asks without one
 */
export function useGroupNow(groupId: string, token: string | null): GroupState {
  const [state, setState] = useState<GroupState>({ group: null, spark: null, error: null })
  useEffect(() => {
    const stop = new AbortController()
    const ask = (path: string) =>
      fetchJson(`/api/v1/groups/${encodeURIComponent(groupId)}${path}`, { token, signal: stop.signal })
    void follow(ask, groupId, stop.signal, (next) => setState((before) => ({ ...before, ...next })))
    return () => stop.abort()
  }, [groupId, token])
  return state
}

async function follow(
  ask: (path: string) => Promise<unknown>,
  groupId: string,
  signal: AbortSignal,
  show: (next: Partial<GroupState>) => void,
): Promise<void> {
  const sparks = new SparkTable()
  let failures = 0
  let past = false
  while (!signal.aborted) {
    try {
      const { group } = (await ask('')) as GroupDetail
      if (!past) {
        const { columns, ...times } = (await ask(`/history?${liveSparkQuery(group.atMs)}`)) as History
        const groups = { [groupId]: columns.inUse ?? [] }
        sparks.merge({ ...times, column: 'inUse', groups })
        past = true
      }
      sparks.write(group.atMs, [groupId], [group.stale ? null : group.inUse], undefined)
      const spark = new Float32Array(SPARK_POINTS)
      show({ group, spark: sparks.read(groupId, spark) ? spark : null, error: null })
      failures = 0
    } catch (error) {
      if (signal.aborted) return
      failures += 1
      const known = error instanceof ApiError ? error : new ApiError('unexpected_answer', String(error), null)
      show({ error: known })
      if (known.code === 'unauthorized') return
    }
    await pause(Math.min(SELDOM_MS, ASK_EVERY_MS * 2 ** Math.min(failures, 5)), signal)
  }
}

/** Waits so long, and for as long as nobody can see the page. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const seen = () => {
      if (document.visibilityState === 'hidden' && !signal.aborted) return
      document.removeEventListener('visibilitychange', seen)
      resolve()
    }
    const timer = setTimeout(() => {
      document.addEventListener('visibilitychange', seen)
      seen()
    }, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', seen)
      resolve()
    })
  })
}
