import type { BudgetRow, PoolNow, ServerBudget, ServerNow } from '@poolscope/protocol'
import { ledgerOf } from '@poolscope/sizing'

/**
 * What every pool may open on a server against what it can take, now.
 *
 * A pooler's own pools count on the server behind it, and its clients count on the pooler.
 * @param pools of the whole fleet
 */
export function serverBudget(server: ServerNow, pools: readonly PoolNow[], atMs: number): ServerBudget {
  const rows = groupRows(
    pools.filter((pool) =>
      pool.mode === null ? pool.serverId === server.id : pool.upstreamServerId === server.id,
    ),
  )
  const { maxConnections, reservedConnections, connections } = server
  const usable =
    maxConnections === null || reservedConnections === null
      ? null
      : Math.max(0, maxConnections - reservedConnections)
  const open = connections.total
  const owned = sumOf(rows.map((row) => row.open))
  const others = open === null || owned === null ? null : Math.max(0, open - owned)
  const worstOfPools = sumOf(rows.map((row) => row.worst))
  const worst = worstOfPools === null || others === null ? null : worstOfPools + others
  const surge = Math.max(0, ...rows.flatMap(({ declared }) => declared ?? []))
  const unknown = rows.filter(({ declared }) => declared === null).length
  const over = worst !== null && usable !== null && worst > usable
  // What fits while nothing is rolled out.
  const { lines } = ledgerOf(usable, others, rows, { surgeRatio: 0, lostRatio: 0 })
  return {
    atMs,
    serverId: server.id,
    name: server.name,
    maxConnections,
    reserved: reservedConnections,
    usable,
    open,
    others,
    worst,
    rollout: worst === null ? null : worst + surge,
    unknown,
    fits: over ? false : worst === null || usable === null || unknown > 0 ? null : true,
    rows: rows
      .map((row, index) => ({ ...row, granted: lines[index]?.granted ?? null }))
      .sort((a, b) => (b.worst ?? -1) - (a.worst ?? -1) || a.groupId.localeCompare(b.groupId)),
  }
}

function groupRows(pools: readonly PoolNow[]): Omit<BudgetRow, 'granted'>[] {
  const groups = new Map<string, PoolNow[]>()
  for (const pool of pools) groups.set(pool.groupId, [...(groups.get(pool.groupId) ?? []), pool])
  return [...groups].flatMap(([groupId, members]) => {
    const [first] = members
    if (first === undefined) return []
    const declared = sumOf(members.map(({ max }) => max))
    const open = sumOf(members.map(openOf))
    const known = members.flatMap(({ max }) => max ?? [])
    return {
      groupId,
      service: first.service,
      name: first.name,
      origin: first.origin,
      instances: members.length,
      max: known.length === 0 ? null : Math.max(...known),
      declared,
      inUse: sumOf(members.map(({ inUse, stale }) => (stale ? 0 : inUse))),
      open,
      worst: declared ?? open,
    }
  })
}

/**
 * Connections that exist: an instance that went silent is taken to have none. A server's session list shows none
 * that are still being opened.
 */
function openOf({ origin, stale, inUse, idle, connecting }: PoolNow): number | null {
  if (stale) return 0
  return sumOf(origin === 'observed' ? [inUse, idle] : [inUse, idle, connecting])
}

/** Null as soon as one is not known. */
function sumOf(values: readonly (number | null)[]): number | null {
  let sum = 0
  for (const value of values) {
    if (value === null) return null
    sum += value
  }
  return sum
}
