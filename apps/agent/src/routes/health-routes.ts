import type { PoolNow, ServerNow } from '@poolscope/protocol'
import { isStill } from '@poolscope/rules'
import type { FastifyInstance } from 'fastify'
import type { Fleet } from '../fleet/fleet.ts'

/** How a server or a pool stands for a health check. */
type Health = 'healthy' | 'degraded' | 'unhealthy'

/** A pool that is full and hands nothing out for so long is stuck. */
const STUCK_MS = 30_000
/** More waiting callers than this are a failure for health checks that know no better. */
const MANY_WAITING = 10

/**
 * Health from the last sample, never by taking a connection: what is not to be had is unhealthy, and what is nearly full
 * is degraded. Busy is not broken: how many callers wait does not matter here.
 */
function healthOf(server: Pick<ServerNow, 'state' | 'status' | 'stale'>): Health {
  if (server.state !== 'up') return 'unhealthy'
  return server.status === 'ok' && !server.stale ? 'healthy' : 'degraded'
}

/** `/health/live`, `/health/ready` and `/health/db`. @param compatibility whether many waiting callers are a failure */
export function healthRoutes(app: FastifyInstance, fleet: Fleet, compatibility: boolean): void {
  const schema = { tags: ['health'] }
  app.get('/health/live', { schema }, () => ({ status: 'live' }))
  app.get('/health/ready', { schema }, (_request, reply) => {
    const connecting = fleet.snapshot().servers.filter((server) => server.state === 'connecting')
    void reply.status(connecting.length > 0 ? 503 : 200)
    return connecting.length > 0
      ? { status: 'starting', connecting: connecting.map((server) => server.id) }
      : { status: 'ready' }
  })
  app.get('/health/db', { schema }, (_request, reply) => {
    const snapshot = fleet.snapshot()
    const servers = snapshot.servers.map((server) => ({
      id: server.id,
      name: server.name,
      status: healthOf(server),
      state: server.state,
      reason: server.reason,
    }))
    const pools = snapshot.pools.flatMap((pool) => poolHealth(pool, fleet, compatibility))
    const status = worst([...servers, ...pools].map((one) => one.status))
    void reply.status(status === 'healthy' ? 200 : 503)
    return { status, servers, pools }
  })
}

/** The pools that are not healthy, with why. */
function poolHealth(pool: PoolNow, fleet: Fleet, compatibility: boolean) {
  if (pool.stale || pool.origin !== 'probe') return []
  const { id, service, name, instance, waiting } = pool
  const named = (status: Health, reason: string) => [{ id, service, name, instance, status, reason }]
  if (isStuck(pool, fleet)) return named('unhealthy', 'Stuck: full, and nothing came back for 30 s.')
  if (compatibility && waiting !== null && waiting > MANY_WAITING)
    return named('degraded', 'High connection wait queue')
  return []
}

/** Full and without a checkout now, and at every tick of the last half minute. */
function isStuck(pool: PoolNow, fleet: Fleet): boolean {
  if (!isStill(pool)) return false
  const recent = fleet.recent(pool.id)
  const ticks = Math.ceil(STUCK_MS / recent.stepMs)
  if (recent.length < ticks) return false
  for (let i = recent.length - ticks; i < recent.length; i++) {
    const [inUse, max] = [recent.at('inUse', i), recent.at('max', i)]
    if (inUse === null || max === null || inUse < max) return false
  }
  return true
}

function worst(statuses: readonly Health[]): Health {
  if (statuses.includes('unhealthy')) return 'unhealthy'
  return statuses.includes('degraded') ? 'degraded' : 'healthy'
}
