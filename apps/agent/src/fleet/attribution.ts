import type { System } from '@poolscope/protocol'
import { keptPoolId } from './kept-pools.ts'
import type { PoolEntry } from './pool-entry.ts'
import type { ServerEntry } from './server-entry.ts'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1', '[::1]'])

/** Compares addresses as text, with every spelling of the own machine made one. */
function normalAddress(host: string | null, port: number | null): string {
  const plain = (host ?? 'localhost').toLowerCase()
  return `${LOOPBACK.has(plain) ? 'loopback' : plain}:${port ?? ''}`
}

function normalText(address: string): string {
  const at = address.lastIndexOf(':')
  if (at === -1 || address.startsWith('/')) return address
  return normalAddress(address.slice(0, at), Number(address.slice(at + 1)))
}

/** A pool for PostgreSQL may also lead to a pooler in front of it, and one for MySQL to either of its kinds. */
function speaks(server: System, pool: System): boolean {
  if (server === pool) return true
  if (pool === 'postgresql') return server === 'pgbouncer'
  const kinds: readonly System[] = ['mysql', 'mariadb']
  return kinds.includes(server) && kinds.includes(pool)
}

/**
 * Finds the server that each pool leads to, and the owner of each session, and what stands behind a pooler.
 *
 * The server's own process ids decide: a pool belongs to the server on which most of its
 * connections are found under the same user and database. Where none is found, as behind
 * a pooler or before the first connection, the address in the pool's settings decides; a pool whose
 * address is none of the watched ones belongs to none.
 */
export function attribute(pools: Iterable<PoolEntry>, servers: readonly ServerEntry[]): void {
  const candidates = servers.map((server) => ({
    server,
    address: normalText(server.source.address),
    sessions: new Map(server.sample?.sessions.map((session) => [session.pid, session])),
  }))
  for (const { server } of candidates) server.owners = new Map()
  for (const pool of pools) {
    const { target, sessionPids, system } = pool.last
    const address = normalAddress(target.host, target.port)
    const fitting = candidates
      .filter(({ server }) => speaks(server.source.system, system))
      .map((candidate) => {
        const pids = sessionPids.filter((pid) => {
          const session = candidate.sessions.get(pid)
          if (session === undefined || candidate.server.source.system === 'pgbouncer') return false
          // A number that the server has given to another session since is not this pool's.
          if (began(session, candidate.server) > pool.receivedAtMs) return false
          const sameUser = target.user === null || session.user === null || target.user === session.user
          const sameDatabase =
            target.database === null || session.database === null || target.database === session.database
          return sameUser && sameDatabase
        })
        return { ...candidate, pids }
      })
    const byPids = fitting.reduce<(typeof fitting)[number] | null>(
      (best, candidate) => (candidate.pids.length > (best?.pids.length ?? 0) ? candidate : best),
      null,
    )
    const found = byPids ?? fitting.find((candidate) => candidate.address === address) ?? null
    pool.serverId = found?.server.source.id ?? null
    for (const pid of byPids?.pids ?? []) byPids?.server.owners.set(pid, pool.id)
  }
  for (const { server } of candidates) attributeUpstreams(server, candidates)
}

/** A pooler's own pools lead to the server at the address that it gives, and own the sessions that it names. */
function attributeUpstreams(
  pooler: ServerEntry,
  candidates: readonly { server: ServerEntry; address: string; sessions: Map<number, unknown> }[],
): void {
  pooler.upstreams = new Map()
  for (const pool of pooler.sample?.pools ?? []) {
    if (pool.upstream === null) continue
    const address = normalText(pool.upstream)
    const behind = candidates.find(
      (candidate) => candidate.address === address && candidate.server.source.system === 'postgresql',
    )
    if (behind === undefined) continue
    pooler.upstreams.set(pool.upstream, behind.server.source.id)
    for (const pid of pool.upstreamPids) {
      if (behind.sessions.has(pid)) behind.server.owners.set(pid, keptPoolId(pooler, pool))
    }
  }
}

/** When a session began, epoch ms by the agent's clock; a second of grace for what is rounded on the way. */
function began({ connectedMs }: { connectedMs: number | null }, { sample }: ServerEntry): number {
  return sample === null || connectedMs === null ? 0 : sample.atMs - connectedMs - 1000
}
