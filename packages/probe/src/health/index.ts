import type { IncomingMessage, ServerResponse } from 'node:http'
import { type HealthStatus, type PoolHealth, poolHealth } from '../core/pool-health.ts'
import { watchedMeters } from '../core/reporter.ts'

export type { HealthStatus, PoolHealth }

/** How to judge. */
export type HealthOptions = {
  /**
   * A pool on which more than ten callers wait is `degraded` as well, until no more than five do: what older checks of
   * services answer. It can take every instance out of a load balancer while the database is well. Default `false`.
   */
  compatibility?: boolean
}

/** The pools of this process. */
export type Health = {
  /** The worst of them. */
  status: HealthStatus
  /** Each pool that is watched. None where nothing is, or where measuring is switched off: that is no failure. */
  pools: PoolHealth[]
  /** Why it is not healthy, a sentence a pool with its name. */
  reasons: string[]
}

/** What a handler writes to: a response of `node:http` or Express, or a reply of Fastify. */
type Answer = Pick<ServerResponse, 'writeHead' | 'end'> | { hijack(): unknown; raw: ServerResponse }

/**
 * How the pools of this process stand, from the counters of the probe: it takes no connection, asks no server and waits
 * for nothing. A pool is `unhealthy` when it is full and nothing came back for 30 s, then `degraded` until it was not
 * for 5 s of checks. A full pool whose connections come back is busy, and healthy.
 * @example health().status // 'healthy'
 */
export function health({ compatibility = false }: HealthOptions = {}): Health {
  const nowMs = performance.now()
  const pools = watchedMeters().flatMap((meter) => poolHealth(meter, nowMs, compatibility) ?? [])
  const has = (status: HealthStatus) => pools.some((pool) => pool.status === status)
  return {
    status: has('unhealthy') ? 'unhealthy' : has('degraded') ? 'degraded' : 'healthy',
    pools,
    reasons: pools.flatMap(({ name, reason }) => (reason === null ? [] : [`${name}: ${reason}`])),
  }
}

/**
 * Answers a request with {@link health} as JSON: 200 where all is healthy, 503 otherwise.
 * @example createServer(healthHandler()) // node:http
 * @example app.get('/health/db', healthHandler()) // Express and Fastify
 */
export function healthHandler(
  options: HealthOptions = {},
): (request: IncomingMessage | object, response: Answer) => void {
  return (_request, response) => {
    const found = health(options)
    if ('hijack' in response) response.hijack()
    const raw = 'hijack' in response ? response.raw : response
    const body = JSON.stringify(found)
    raw.writeHead(found.status === 'healthy' ? 200 : 503, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
    })
    raw.end(body)
  }
}
