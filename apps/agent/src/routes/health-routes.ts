import { HEALTH_LIMITS, HEALTHS, type PoolNow, type ServerNow } from '@poolscope/protocol'
import { isStill } from '@poolscope/rules'
import type { FastifyInstance } from 'fastify'
import type { Fleet } from '../fleet/fleet.ts'

type Health = (typeof HEALTHS)[number]
type Ticks = ReturnType<Fleet['series']>

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
  const ticks = fleet.series(id)
  if (isStill(pool) && wasStuck(ticks, ticks.length))
    return named('unhealthy', 'Stuck: full, and nothing came back for 30 s.')
  if (recovers(ticks)) return named('degraded', 'Recovering: it was stuck, and connections come back again.')
  if (compatibility && isCrowded(waiting, ticks)) return named('degraded', 'High connection wait queue')
  return []
}

/** Full and without a checkout at every tick of the half minute that ends before tick `end`. */
function wasStuck(ticks: Ticks, end: number): boolean {
  const first = end - Math.ceil(HEALTH_LIMITS.stuckMs / ticks.stepMs)
  if (first < 0) return false
  for (let i = first; i < end; i++) {
    const [inUse, max, checkoutsPerSec] = [
      ticks.at('inUse', i),
      ticks.at('max', i),
      ticks.at('checkoutsPerSec', i),
    ]
    if (!isStill({ inUse, max, checkoutsPerSec })) return false
  }
  return true
}

/** Whether it was stuck a moment ago. */
function recovers(ticks: Ticks): boolean {
  const trusted = ticks.length - Math.ceil(HEALTH_LIMITS.recoverMs / ticks.stepMs)
  for (let end = ticks.length; end > trusted; end--) if (wasStuck(ticks, end)) return true
  return false
}

/** Whether more callers wait than may, or did when it was last clear. */
function isCrowded(waiting: number | null, ticks: Ticks): boolean {
  let now = waiting
  for (let i = ticks.length; i >= 0; now = ticks.at('waiting', --i)) {
    if (now === null || now <= HEALTH_LIMITS.fewWaiting) return false
    if (now > HEALTH_LIMITS.manyWaiting) return true
  }
  return false
}

function worst(statuses: readonly Health[]): Health {
  return HEALTHS.findLast((one) => statuses.includes(one)) ?? 'healthy'
}
