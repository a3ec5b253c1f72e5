import type { TracedPool } from './trace.ts'

/** What opening a connection is taken to cost where none was opened lately, ms: a session on the same network. */
const ASSUMED_CONNECT_MS = 10

/** What a pool tells of itself; null where it does not. */
export type ToldPool = {
  max: number | null
  min: number | null
  acquireTimeoutMs: number | null
  idleTimeoutMs: number | null
  /** What opening a connection cost in the last seconds. */
  createMs: { p50: number | null }
}

/** The pool that a trace was taken from, as the replay needs it. */
export type PoolToReplay = {
  pool: TracedPool
  /** What opening a connection costs could not be measured. */
  connectAssumed: boolean
}

/**
 * The settings of one pool; null where its max is not known.
 * @param openedMs what opening cost over the last minutes: stands in for the last seconds
 */
export function poolToReplay(told: ToldPool, openedMs: readonly (number | null)[]): PoolToReplay | null {
  if (told.max === null || told.max < 1) return null
  const opened = openedMs.filter((ms) => ms !== null)
  const lately = opened.length === 0 ? null : opened.reduce((sum, ms) => sum + ms, 0) / opened.length
  const connectMs = told.createMs.p50 ?? lately
  return {
    pool: {
      size: told.max,
      // Pools that keep connections open say how many.
      min: told.min === null ? 0 : Math.min(told.max, told.min),
      acquireTimeoutMs: orNever(told.acquireTimeoutMs),
      idleTimeoutMs: orNever(told.idleTimeoutMs),
      connectMs: connectMs ?? ASSUMED_CONNECT_MS,
    },
    connectAssumed: connectMs === null,
  }
}

function orNever(ms: number | null): number | null {
  return ms === null || ms < 1 ? null : ms
}
