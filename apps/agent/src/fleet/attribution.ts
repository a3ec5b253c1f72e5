import type { PoolEntry } from './pool-entry.ts'
import type { ServerEntry } from './server-entry.ts'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1', '[::1]'])

/** Compares addresses as text, with every spelling of the own machine made one. */
function normalAddress(host: string | null, port: number | null): string {
  const plain = (host ?? 'localhost').toLowerCase()
  return `${LOOPBACK.has(plain) ? 'loopback' : plain}:${port ?? ''}`
}

function addressOf(server: ServerEntry): string {
  const at = server.source.address.lastIndexOf(':')
  if (at === -1) return server.source.address
  return normalAddress(server.source.address.slice(0, at), Number(server.source.address.slice(at + 1)))
}

/**
 * Finds the server that each pool leads to, and the owner of each session.
 *
 * The server's own process ids decide: a pool belongs to the server on which most of its
 * connections are found under the same user and database. Where none is found, as behind
 * a pooler or before the first connection, the address in the pool's settings decides; a pool whose
 * address is none of the watched ones belongs to none.
 */
export function attribute(pools: Iterable<PoolEntry>, servers: readonly ServerEntry[]): void {
  const candidates = servers.map((server) => ({
    server,
    address: addressOf(server),
    sessions: new Map(server.sample?.sessions.map((session) => [session.pid, session])),
  }))
  for (const { server } of candidates) server.owners = new Map()
  for (const pool of pools) {
    const { target, sessionPids, system } = pool.last
    const address = normalAddress(target.host, target.port)
    const fitting = candidates
      .filter(({ server }) => server.source.system === system)
      .map((candidate) => {
        const pids = sessionPids.filter((pid) => {
          const session = candidate.sessions.get(pid)
          if (session === undefined) return false
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
}
