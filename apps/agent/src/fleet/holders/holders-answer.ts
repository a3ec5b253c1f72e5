import type { Blocker, Holders } from '@poolscope/protocol'
import type { PoolEntry } from '../pool-entry.ts'
import type { ServerEntry } from '../server-entry.ts'

/** Most holders in one answer. */
const MAX_HOLDERS = 200
/** A session that is held for so long is worth a closer look. */
const LONG_HELD_MS = 1000
/** Most sessions of a server that are looked at closer. */
const MOST_LONG_HELD = 200

/** Where holders are looked up. */
export type HoldersOf = {
  /** The watched server that a pool leads to; `null` where it is not known. */
  serverOf: (pool: PoolEntry) => ServerEntry | null
  /** The pool with a probe of an id. */
  poolOf: (id: string) => PoolEntry | undefined
}

/** Who holds connections of some pools, longest held first; at most 200. */
export function holdersAnswer(pools: readonly PoolEntry[], of: HoldersOf, atMs: number): Holders {
  const holders = pools.flatMap((pool) => {
    const server = of.serverOf(pool)
    return pool.holders(server, atMs, (pid) => blocker(pid, server, of))
  })
  return {
    atMs,
    total: pools.reduce((sum, pool) => sum + pool.last.inUse, 0),
    holders: holders.sort((a, b) => b.heldMs - a.heldMs).slice(0, MAX_HOLDERS),
    lateReturns: lateReturns(pools),
  }
}

/** Sessions of a server that pools have held for a while, longest held first: what is worth a closer look. */
export function longHeld(pools: readonly PoolEntry[], serverId: string): number[] {
  const held = pools.flatMap(({ serverId: id, last }) =>
    id === serverId ? last.holders.filter(({ heldMs }) => heldMs >= LONG_HELD_MS) : [],
  )
  return held
    .sort((a, b) => b.heldMs - a.heldMs)
    .flatMap(({ sessionPid }) => sessionPid ?? [])
    .slice(0, MOST_LONG_HELD)
}

/** Who a session is that keeps another waiting. */
function blocker(sessionPid: number, server: ServerEntry | null, { poolOf }: HoldersOf): Blocker {
  const poolId = server?.owners.get(sessionPid) ?? null
  const owner = poolId === null ? undefined : poolOf(poolId)
  const hold = owner?.last.holders.find((holder) => holder.sessionPid === sessionPid)
  return { sessionPid, poolId, service: owner?.service ?? null, stack: hold?.stack ?? null }
}

/** Late returns of several pools together. */
function lateReturns(pools: readonly PoolEntry[]): Holders['lateReturns'] {
  const all = pools.map(({ id, holds }) => ({ poolId: id, ...holds.lateReturns }))
  const [latest] = all
    .flatMap(({ poolId, last }) => (last === null ? [] : [{ poolId, ...last }]))
    .sort((a, b) => b.atMs - a.atMs)
  return { total: all.reduce((sum, { total }) => sum + total, 0), last: latest ?? null }
}
