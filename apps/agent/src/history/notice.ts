import { createHash } from 'node:crypto'
import type { Annotation, Fleet, PoolNow, ServerNow } from '@poolscope/protocol'

/** Servers that tell only for how many seconds they have run do not begin anew because of a rounded one. */
const RESTART_TOLERANCE_MS = 5000
/** Instances of one service that change within the same time change together. */
const TOGETHER_MS = 60_000

type KnownPool = Pick<PoolNow, 'startedAtMs' | 'max'>
type KnownServer = Pick<ServerNow, 'startedAtMs' | 'maxConnections'>
type Subject = Pick<Annotation, 'service' | 'poolId' | 'serverId'>

/**
 * Notices what a chart should mark: processes and servers that began anew, limits that changed. The first sight of
 * anything is no change.
 */
export class Notice {
  #pools = new Map<string, KnownPool>()
  #servers = new Map<string, KnownServer>()

  /** What changed since the tick before. */
  take({ atMs, pools, servers }: Pick<Fleet, 'atMs' | 'pools' | 'servers'>): Annotation[] {
    const found = new Map<string, Annotation>()
    const fresh = new Map<string, KnownPool>()
    for (const pool of pools) {
      const { startedAtMs, max } = pool
      const before = this.#pools.get(pool.id)
      const isUseful = !pool.stale || before === undefined
      fresh.set(pool.id, isUseful ? { startedAtMs, max } : before)
      if (before === undefined || pool.stale) continue
      for (const one of poolChanges(pool, before, atMs)) found.set(one.id, one)
    }
    const watched = new Map<string, KnownServer>()
    for (const server of servers) {
      const before = this.#servers.get(server.id)
      const { startedAtMs, maxConnections } = server
      watched.set(server.id, { startedAtMs, maxConnections })
      if (before === undefined) continue
      for (const one of serverChanges(server, before, atMs)) found.set(one.id, one)
    }
    this.#pools = fresh
    this.#servers = watched
    return [...found.values()]
  }
}

function poolChanges(pool: PoolNow, before: KnownPool, atMs: number): Annotation[] {
  const changes: Annotation[] = []
  const { startedAtMs, max, service, instance, groupId, name } = pool
  if (startedAtMs !== null && before.startedAtMs !== null && startedAtMs !== before.startedAtMs) {
    const subject = { service, poolId: null, serverId: null }
    // All pools of a process begin anew with it: one mark.
    const parts = ['probe_restart', service, instance, startedAtMs]
    changes.push(mark('probe_restart', `${service} began anew on ${instance}.`, atMs, subject, parts))
  }
  if (max !== null && before.max !== null && max !== before.max) {
    const subject = { service, poolId: groupId, serverId: null }
    const parts = ['max', groupId, before.max, max, Math.floor(atMs / TOGETHER_MS)]
    const text = `The limit of ${name} went from ${before.max} to ${max}.`
    changes.push(mark('config_change', text, atMs, subject, parts))
  }
  return changes
}

function serverChanges(server: ServerNow, before: KnownServer, atMs: number): Annotation[] {
  const changes: Annotation[] = []
  const { id, name, startedAtMs, maxConnections } = server
  const subject = { service: null, poolId: null, serverId: id }
  if (
    startedAtMs !== null &&
    before.startedAtMs !== null &&
    startedAtMs - before.startedAtMs > RESTART_TOLERANCE_MS
  ) {
    changes.push(
      mark('server_restart', `${name} was restarted.`, atMs, subject, ['server_restart', id, startedAtMs]),
    )
  }
  if (maxConnections !== null && before.maxConnections !== null && maxConnections !== before.maxConnections) {
    const text = `The connection limit of ${name} went from ${before.maxConnections} to ${maxConnections}.`
    changes.push(mark('config_change', text, atMs, subject, ['maxConnections', id, maxConnections, atMs]))
  }
  return changes
}

/** @param parts what makes two marks the same one */
function mark(
  kind: Annotation['kind'],
  text: string,
  atMs: number,
  subject: Subject,
  parts: readonly (string | number)[],
): Annotation {
  const id = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24)
  return { id, atMs, kind, text, ...subject, tags: [] }
}
