import type { ServerNow } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { fleetOf } from '../live/fake-messages.ts'
import { FleetState } from '../live/fleet-state.ts'
import { connectionMap } from './connection-map.ts'

const server = (id: string, system: ServerNow['system'], upstreamIds: string[] = []): ServerNow => ({
  id,
  name: id,
  system,
  version: '1',
  address: id,
  state: 'up',
  maxConnections: 100,
  reservedConnections: 0,
  connections: { active: 1, idle: 2, idleInTransaction: 0, other: 1, total: 4 },
  usedRatio: 0.04,
  pools: { count: 0, maxSum: null },
  details: [],
  limits: [],
  upstreamIds,
  sampleIntervalMs: 1000,
  sampleMs: 1,
  startedAtMs: null,
  status: 'ok',
  reason: null,
  atMs: 1,
  stale: false,
  error: null,
})

function mapOf(serverIds: Record<string, string | null>, servers: ServerNow[], most = 60) {
  const state = new FleetState()
  const fleet = fleetOf(1000, Object.fromEntries(Object.keys(serverIds).map((id) => [id, 3])))
  const groups = fleet.groups.map((group) => ({
    ...group,
    service: `service of ${group.id}`,
    serverId: serverIds[group.id] ?? null,
    system: group.id.startsWith('kept') ? ('pgbouncer' as const) : group.system,
  }))
  state.takeSnapshot({ ...fleet, groups, servers })
  return connectionMap(state.view, Object.keys(serverIds), most)
}

describe(connectionMap, () => {
  it('leads from an application over its pool and a pooler to the database', () => {
    const map = mapOf({ orders: 'bouncer', direct: 'db', kept: 'bouncer' }, [
      server('db', 'postgresql'),
      server('bouncer', 'pgbouncer', ['db']),
    ])
    expect(map.edges.map(({ from, to }) => `${from} > ${to}`)).toEqual([
      'application service of orders > orders',
      'orders > bouncer',
      'application service of direct > direct',
      'direct > db',
      'bouncer > db',
    ])
    // What the pooler keeps is inside of its box, and no application of its own.
    expect(map.nodes.map(({ column }) => column).sort()).toEqual([
      'application',
      'application',
      'pool',
      'pool',
      'pooler',
      'server',
    ])
  })

  it('says where a server is not known', () => {
    const map = mapOf({ orders: null }, [])
    expect(map.edges.at(-1)).toMatchObject({ from: 'orders', to: 'server not known', connections: 3 })
    expect(map.nodes.at(-1)).toMatchObject({ href: null, status: 'unknown' })
  })

  it('gives no two boxes of a column the same place', () => {
    const ids = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`pool-${i}`, `db-${i % 4}`]))
    const map = mapOf(
      ids,
      [0, 1, 2, 3].map((i) => server(`db-${i}`, 'postgresql')),
    )
    for (const column of ['application', 'pool', 'server'] as const) {
      const rows = map.nodes.filter((node) => node.column === column).map(({ row }) => row)
      const gaps = rows
        .toSorted((a, b) => a - b)
        .slice(1)
        .map((row, i) => row - (rows.toSorted((a, b) => a - b)[i] as number))
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1)
      expect(Math.max(...rows)).toBeLessThan(map.rows)
    }
  })

  it('draws those that matter most, and counts the rest', () => {
    const map = mapOf({ worst: 'db', second: 'db', third: 'db' }, [server('db', 'postgresql')], 2)
    expect(map.nodes.filter(({ column }) => column === 'pool').map(({ id }) => id)).toEqual([
      'worst',
      'second',
    ])
    expect(map.hidden).toBe(1)
  })
})
