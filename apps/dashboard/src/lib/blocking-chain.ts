import type { Holder } from '@poolscope/protocol'
import { ownFrame } from '../ui/StackTrace.tsx'
import { groupIdOfPool } from './href.ts'

/** A database session of a blocking chain, and what is known of it. */
export type ChainNode = {
  pid: number
  /** The service, or null where no probe says whose it is. */
  service: string | null
  /** The pool group, for a link; null where not known. */
  groupId: string | null
  /** The place in the code that took the connection; null where not sampled. */
  site: string | null
  /** What it ran last, or runs, without literals. */
  statement: string | null
  /** How many sessions stand between it and one that nobody blocks. */
  depth: number
  /** Place among those of the same depth, from 0. */
  row: number
}

/** Who keeps whom waiting, those that nobody blocks first. */
export type BlockingChain = {
  nodes: readonly ChainNode[]
  /** Process ids: `from` keeps `to` waiting. */
  edges: readonly { from: number; to: number }[]
}

const siteOf = (stack: readonly string[] | null) => (stack === null ? null : ownFrame(stack))
const groupOf = (poolId: string | null) => (poolId === null ? null : groupIdOfPool(poolId))

/**
 * The blocking chain that holders of connections tell of.
 * @returns null when none of them is blocked
 */
export function blockingChain(holders: readonly Holder[]): BlockingChain | null {
  const known = new Map<number, Omit<ChainNode, 'depth' | 'row'>>()
  const blockerOf = new Map<number, number>()
  for (const { sessionPid, blockedBy, poolId, stack, lastStatement } of holders) {
    if (sessionPid === null) continue
    known.set(sessionPid, {
      pid: sessionPid,
      service: known.get(sessionPid)?.service ?? null,
      groupId: groupOf(poolId),
      site: siteOf(stack),
      statement: lastStatement ?? null,
    })
    if (blockedBy === null || blockedBy === undefined) continue
    blockerOf.set(sessionPid, blockedBy.sessionPid)
    const before = known.get(blockedBy.sessionPid)
    known.set(blockedBy.sessionPid, {
      pid: blockedBy.sessionPid,
      service: blockedBy.service,
      groupId: before?.groupId ?? groupOf(blockedBy.poolId),
      site: before?.site ?? siteOf(blockedBy.stack),
      statement: before?.statement ?? null,
    })
  }
  if (blockerOf.size === 0) return null
  const taking = new Set([...blockerOf.keys(), ...blockerOf.values()])
  const rows = new Map<number, number>()
  const nodes = [...taking]
    .sort((a, b) => a - b)
    .flatMap((pid): ChainNode[] => {
      const node = known.get(pid)
      if (node === undefined) return []
      const depth = depthOf(pid, blockerOf)
      const row = rows.get(depth) ?? 0
      rows.set(depth, row + 1)
      return [{ ...node, depth, row }]
    })
    .sort((a, b) => a.depth - b.depth || a.row - b.row)
  return { nodes, edges: [...blockerOf].map(([to, from]) => ({ from, to })) }
}

/** Sessions may block each other in a ring for as long as it takes the server to see it: every one counts once. */
function depthOf(pid: number, blockerOf: ReadonlyMap<number, number>): number {
  const seen = new Set<number>()
  let at = blockerOf.get(pid)
  while (at !== undefined && !seen.has(at)) {
    seen.add(at)
    at = blockerOf.get(at)
  }
  return seen.size
}
