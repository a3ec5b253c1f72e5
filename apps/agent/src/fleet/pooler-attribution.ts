import type { ServerPool } from '../sources/source.ts'
import { placeBehind } from './addresses.ts'
import { began, type Candidate } from './candidates.ts'
import { keptPoolId } from './kept-pools.ts'
import type { PoolEntry } from './pool-entry.ts'
import type { ServerEntry } from './server-entry.ts'

/** Ties poolers to what is on both sides of them: the pools of applications, and the servers behind. */
export function attributePoolers(pools: readonly PoolEntry[], candidates: readonly Candidate[]): void {
  for (const { server } of candidates) {
    server.upstreams = new Map()
    if (server.sample === null || server.source.system !== 'pgbouncer') continue
    claimClients(
      server,
      pools.filter((pool) => pool.serverId === server.source.id),
    )
    for (const pool of server.sample.pools) attributeUpstream(server, pool, candidates)
  }
}

/** A pool of a pooler leads to a watched server, and owns the sessions there that the pooler names. */
function attributeUpstream(pooler: ServerEntry, pool: ServerPool, candidates: readonly Candidate[]): void {
  const behind = upstreamOf(pooler, pool, candidates)
  if (behind === null) return
  const poolId = keptPoolId(pooler, pool)
  pooler.upstreams.set(poolId, behind.server.source.id)
  behind.server.poolers.add(pooler)
  for (const pid of pool.upstreamPids) {
    if (isFound(pid, pooler, behind) && !behind.server.owners.has(pid)) behind.server.owners.set(pid, poolId)
  }
}

/**
 * The server at the address that the pooler gives, unless sessions that it names are all missing there. An address
 * means little where names differ, as between containers: then the server that has most of the sessions, more
 * than half, under the pool's user or database.
 */
function upstreamOf(
  pooler: ServerEntry,
  pool: ServerPool,
  candidates: readonly Candidate[],
): Candidate | null {
  const place = pool.upstream === null ? null : placeBehind(pool.upstream, pooler.source.address)
  const counted = candidates
    .filter(({ server }) => server.source.system === 'postgresql')
    .map((candidate) => {
      const found = pool.upstreamPids.filter((pid) => isFound(pid, pooler, candidate))
      return { candidate, found, atPlace: candidate.place === place }
    })
  const atPlace = counted.find((one) => one.atPlace)
  if (atPlace !== undefined && (atPlace.found.length > 0 || pool.upstreamPids.length === 0)) {
    return atPlace.candidate
  }
  const likely = counted
    .map((one) => ({ ...one, likeness: one.found.filter((pid) => isAlike(pid, pool, one.candidate)).length }))
    .filter(({ likeness }) => likeness * 2 > pool.upstreamPids.length)
    .sort((a, b) => b.likeness - a.likeness)[0]
  return (likely ?? atPlace)?.candidate ?? null
}

/** Whether the server has the session since before the pooler spoke of it. */
function isFound(pid: number, pooler: ServerEntry, { server, sessions }: Candidate): boolean {
  const session = sessions.get(pid)
  return session !== undefined && began(session, server) <= (pooler.sample?.atMs ?? 0)
}

function isAlike(pid: number, pool: ServerPool, { sessions }: Candidate): boolean {
  const session = sessions.get(pid)
  return session?.user === pool.user || session?.database === pool.database
}

/**
 * Says which clients of a pooler belong to pools with a probe, which know no number that the pooler knows too. Of the
 * clients with the same user and database a service has those that carry its name or its pool's, or all where they
 * have but one name; at most as many as its pools have connections, so that the others stay visible.
 */
function claimClients(pooler: ServerEntry, pools: readonly PoolEntry[]): void {
  const byLogin = new Map<string, [PoolEntry, ...PoolEntry[]]>()
  for (const pool of pools) {
    const { user, database } = pool.last.target
    const key = JSON.stringify([pool.service, user, database])
    const known = byLogin.get(key)
    if (known === undefined) byLogin.set(key, [pool])
    else known.push(pool)
  }
  for (const own of byLogin.values()) {
    const [first] = own
    const { user, database } = first.last.target
    const clients = (pooler.sample?.sessions ?? []).filter(
      (session) =>
        !pooler.owners.has(session.pid) &&
        (user === null || session.user === user) &&
        (database === null || session.database === database),
    )
    const names = new Set([first.service, ...own.map(({ last }) => last.name)])
    const named = clients.filter(({ application }) => names.has(application))
    const oneName = new Set(clients.map(({ application }) => application)).size === 1
    const claimed = (named.length > 0 || !oneName ? named : clients).values()
    for (const pool of own) {
      const { inUse, idle, connecting } = pool.last
      for (let left = inUse + idle + connecting; left > 0; left--) {
        const next = claimed.next()
        if (next.done === true) break
        pooler.owners.set(next.value.pid, pool.id)
      }
    }
  }
}
