import {
  SERVER_STATES,
  type ServerColumn,
  type ServerIdentity,
  type ServerNow,
  STATUSES,
} from '@poolscope/protocol'

/**
 * One server as a tick has it. What no tick carries comes from `facts`, the last full answer: the
 * pools that lead to the server, its start, and its error, which a server that is up has not.
 */
export function serverAt(
  identity: ServerIdentity,
  now: {
    atMs: number
    read: (column: ServerColumn) => number | null
    reason: string | null
    facts: ServerNow | undefined
  },
): ServerNow {
  const { read, facts } = now
  const state = SERVER_STATES[read('state') ?? -1] ?? 'connecting'
  const maxConnections = read('maxConnections')
  const reservedConnections = read('reservedConnections')
  const total = read('total')
  const ageMs = read('ageMs')
  const reserved = reservedConnections === null ? 0 : reservedConnections
  const usable = maxConnections === null ? null : maxConnections - reserved
  return {
    id: identity.id,
    name: identity.name,
    system: identity.system,
    version: identity.version,
    address: identity.address,
    state,
    maxConnections,
    reservedConnections,
    connections: {
      active: read('active'),
      idle: read('idle'),
      idleInTransaction: read('idleInTransaction'),
      other: read('other'),
      total,
    },
    usedRatio: total === null || usable === null || usable <= 0 ? null : total / usable,
    pools: facts === undefined ? { count: 0, maxSum: null } : facts.pools,
    details: facts?.details ?? [],
    limits: facts?.limits ?? [],
    upstreamIds: facts?.upstreamIds ?? [],
    sampleIntervalMs: read('sampleIntervalMs'),
    sampleMs: read('sampleMs'),
    startedAtMs: facts === undefined ? null : facts.startedAtMs,
    status: STATUSES[read('status') ?? -1] ?? 'unknown',
    reason: now.reason,
    atMs: ageMs === null ? null : now.atMs - ageMs,
    stale: read('stale') === 1,
    error: state === 'up' || facts === undefined || facts.state !== state ? null : facts.error,
  }
}
