import type { GroupDetail, History } from '@poolscope/protocol'
import type { TracedPool } from '@poolscope/sizing'

/** What opening a connection is taken to cost where none was opened lately, ms: a session on the same network. */
const ASSUMED_CONNECT_MS = 10

/** The pool that a trace was taken from, as the replay needs it. */
export type PoolToReplay = {
  pool: TracedPool
  /** What opening a connection costs could not be measured. */
  connectAssumed: boolean
}

/**
 * The settings of one pool of a group; null where its max is not known.
 * @param history of the group: what opening cost over the last minutes stands in for the last seconds
 */
export function poolToReplay({ pools }: GroupDetail, history: History, poolId: string): PoolToReplay | null {
  const now = pools.find(({ id }) => id === poolId)
  if (now === undefined || now.max === null || now.max < 1) return null
  const opened = (history.columns.createP95Ms ?? []).filter((ms) => ms !== null)
  const lately = opened.length === 0 ? null : opened.reduce((sum, ms) => sum + ms, 0) / opened.length
  const connectMs = now.createMs.p50 ?? lately
  return {
    pool: {
      size: now.max,
      // Pools that keep connections open say how many.
      min: now.min === null ? 0 : Math.min(now.max, now.min),
      acquireTimeoutMs: orNever(now.acquireTimeoutMs),
      idleTimeoutMs: orNever(now.idleTimeoutMs),
      connectMs: connectMs ?? ASSUMED_CONNECT_MS,
    },
    connectAssumed: connectMs === null,
  }
}

function orNever(ms: number | null): number | null {
  return ms === null || ms < 1 ? null : ms
}
