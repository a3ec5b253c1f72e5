import type { ServerNow } from '@poolscope/protocol'
import type { FastifyInstance } from 'fastify'
import type { Fleet } from '../fleet/fleet.ts'

/** How a server stands for a health check. */
type Health = 'healthy' | 'degraded' | 'unhealthy'

/**
 * Health from the last sample, never by taking a connection: busy is degraded, not to be had is unhealthy.
 */
function healthOf(server: Pick<ServerNow, 'state' | 'status' | 'stale'>): Health {
  if (server.state !== 'up') return 'unhealthy'
  return server.status === 'ok' && !server.stale ? 'healthy' : 'degraded'
}

/** `/health/live`, `/health/ready` and `/health/db`. */
export function healthRoutes(app: FastifyInstance, fleet: Fleet): void {
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
    const servers = fleet.snapshot().servers.map((server) => ({
      id: server.id,
      name: server.name,
      status: healthOf(server),
      state: server.state,
      reason: server.reason,
    }))
    const statuses = servers.map((server) => server.status)
    const status = statuses.includes('unhealthy')
      ? 'unhealthy'
      : statuses.includes('degraded')
        ? 'degraded'
        : 'healthy'
    void reply.status(status === 'healthy' ? 200 : 503)
    return { status, servers }
  })
}
