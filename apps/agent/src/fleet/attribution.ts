import type { System } from '@poolscope/protocol'
import { placeOf } from './addresses.ts'
import { began, type Candidate, candidatesOf } from './candidates.ts'
import type { PoolEntry } from './pool-entry.ts'
import { attributePoolers } from './pooler-attribution.ts'
import type { ServerEntry } from './server-entry.ts'

/** Whether clients of one system can talk to a server of another: to a pooler in front of theirs, to a kin of theirs. */
export function speaks(server: System, pool: System): boolean {
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
  const candidates = candidatesOf(servers)
  for (const { server } of candidates) {
    server.owners = new Map()
    server.poolers = new Set()
  }
  const all = [...pools]
  for (const pool of all) {
    const { target, system } = pool.last
    const place = placeOf(target.host, target.port)
    const fitting = candidates
      .filter(({ server }) => speaks(server.source.system, system))
      .map((candidate) => ({ ...candidate, pids: ownPids(pool, candidate) }))
      // Servers that count their sessions from one have the same numbers: then the address decides among them.
      .sort((a, b) => Number(b.place === place) - Number(a.place === place))
    const byPids = fitting.reduce<(typeof fitting)[number] | null>(
      (best, candidate) => (candidate.pids.length > (best?.pids.length ?? 0) ? candidate : best),
      null,
    )
    const found = byPids ?? fitting.find((candidate) => candidate.place === place) ?? null
    pool.serverId = found?.server.source.id ?? null
    for (const pid of byPids?.pids ?? []) byPids?.server.owners.set(pid, pool.id)
  }
  attributePoolers(all, candidates)
}

/** Those of a pool's sessions that a server has too. */
function ownPids({ last, receivedAtMs }: PoolEntry, { server, sessions }: Candidate): number[] {
  const { target, sessionPids } = last
  // A pooler gives its clients numbers that mean nothing to anybody else.
  if (server.source.system === 'pgbouncer') return []
  return sessionPids.filter((pid) => {
    const session = sessions.get(pid)
    if (session === undefined) return false
    // A number that the server has given to another session since is not this pool's.
    if (began(session, server) > receivedAtMs) return false
    const sameUser = target.user === null || session.user === null || target.user === session.user
    const sameDatabase =
      target.database === null || session.database === null || target.database === session.database
    return sameUser && sameDatabase
  })
}
