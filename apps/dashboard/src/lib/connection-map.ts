import type { Status } from '@poolscope/protocol'
import type { FleetView } from '../live/hooks.ts'
import { groupHref, serverHref } from './href.ts'

/** Where a node stands: what asks, its pools, poolers between, and where connections end. */
export const MAP_COLUMNS = ['application', 'pool', 'pooler', 'server'] as const
type MapColumn = (typeof MAP_COLUMNS)[number]

/** One box of the map. */
export type MapNode = {
  id: string
  column: MapColumn
  name: string
  /** Such as `7 of 10 in use`. */
  numbers: { used: number | null; max: number | null; waiting: number | null }
  status: Status
  href: string | null
  /** Middle of the box, in rows from the top. */
  row: number
}

/** Connections that lead from one box to another. */
type MapEdge = { from: string; to: string; connections: number | null; status: Status }

export type ConnectionMap = {
  nodes: MapNode[]
  edges: MapEdge[]
  /** Rows that the tallest column takes. */
  rows: number
  /** Pools that are left out. */
  hidden: number
}

const UNKNOWN_SERVER = 'server not known'

/**
 * Who connects to what: applications, their pools, the poolers between, and the servers.
 * @param ids pool groups in the order in which they matter
 * @param most pools that are drawn; the others are counted
 */
export function connectionMap(fleet: FleetView, ids: readonly string[], most: number): ConnectionMap {
  const poolers = new Set(fleet.servers.filter(({ system }) => system === 'pgbouncer').map(({ id }) => id))
  // The pools that a pooler keeps are inside of its box.
  const groups = ids.flatMap((id) => {
    const index = fleet.indexOf(id)
    const group = fleet.groups[index]
    return group === undefined || group.system === 'pgbouncer' ? [] : [{ group, index }]
  })
  const drawn = groups.slice(0, most)
  const nodes = new Map<string, Omit<MapNode, 'row'>>()
  const edges: MapEdge[] = []
  for (const { group, index } of drawn) {
    const application = `application ${group.service}`
    const status = fleet.status(index)
    const before = nodes.get(application)
    nodes.set(application, {
      id: application,
      column: 'application',
      name: group.service,
      numbers: {
        used: sum(before === undefined ? 0 : before.numbers.used, fleet.value(index, 'inUse')),
        max: sum(before === undefined ? 0 : before.numbers.max, fleet.value(index, 'max')),
        waiting: sum(before === undefined ? 0 : before.numbers.waiting, fleet.value(index, 'waiting')),
      },
      status: worse(before?.status, status),
      href: `/fleet?q=${encodeURIComponent(`service:"${group.service}"`)}`,
    })
    nodes.set(group.id, {
      id: group.id,
      column: 'pool',
      name: group.name,
      numbers: {
        used: fleet.value(index, 'inUse'),
        max: fleet.value(index, 'max'),
        waiting: fleet.value(index, 'waiting'),
      },
      status,
      href: groupHref(group.id),
    })
    const connections = sum(fleet.value(index, 'inUse'), fleet.value(index, 'idle'))
    edges.push({ from: application, to: group.id, connections, status })
    edges.push({ from: group.id, to: group.serverId ?? UNKNOWN_SERVER, connections, status })
    if (group.serverId === null) {
      nodes.set(UNKNOWN_SERVER, {
        id: UNKNOWN_SERVER,
        column: 'server',
        name: UNKNOWN_SERVER,
        numbers: { used: null, max: null, waiting: null },
        status: 'unknown',
        href: null,
      })
    }
  }
  for (const server of fleet.servers) {
    nodes.set(server.id, {
      id: server.id,
      column: poolers.has(server.id) ? 'pooler' : 'server',
      name: server.name,
      numbers: { used: server.connections.total, max: server.maxConnections, waiting: null },
      status: server.status,
      href: serverHref(server.id),
    })
    for (const upstream of server.upstreamIds) {
      edges.push({ from: server.id, to: upstream, connections: null, status: server.status })
    }
  }
  const known = edges.filter(({ from, to }) => nodes.has(from) && nodes.has(to))
  return { ...placed([...nodes.values()], known), edges: known, hidden: groups.length - drawn.length }
}

function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b
}

const RANKS: Record<Status, number> = { ok: 0, unknown: 1, stale: 2, warning: 3, critical: 4 }

function worse(a: Status | undefined, b: Status): Status {
  return a !== undefined && RANKS[a] > RANKS[b] ? a : b
}

/** Pools keep their order, gathered by application; every other box stands at the middle of those that lead to it. */
function placed(
  nodes: readonly Omit<MapNode, 'row'>[],
  edges: readonly MapEdge[],
): { nodes: MapNode[]; rows: number } {
  const rowOf = new Map<string, number>()
  const inColumn = (column: MapColumn) => nodes.filter((node) => node.column === column)
  let row = 0
  for (const application of inColumn('application')) {
    const pools = edges.filter(({ from }) => from === application.id).map(({ to }) => to)
    const first = row
    for (const pool of pools) rowOf.set(pool, row++)
    rowOf.set(application.id, (first + row - 1) / 2)
  }
  let rows = row
  for (const column of ['pooler', 'server'] as const) {
    const wanted = inColumn(column).map((node) => {
      const from = edges.filter(({ to }) => to === node.id).flatMap((edge) => rowOf.get(edge.from) ?? [])
      return { id: node.id, at: from.length === 0 ? Number.POSITIVE_INFINITY : mean(from) }
    })
    wanted.sort((a, b) => a.at - b.at)
    const from = Math.max(0, (rows - wanted.length) / 2)
    let next = 0
    for (const { id, at } of wanted) {
      const place = Math.max(next, Number.isFinite(at) ? Math.min(at, rows - 1) : from)
      rowOf.set(id, place)
      next = place + 1
    }
    rows = Math.max(rows, next)
  }
  return { nodes: nodes.map((node) => ({ ...node, row: rowOf.get(node.id) ?? 0 })), rows: Math.max(1, rows) }
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length
}
