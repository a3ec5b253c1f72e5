import type { PoolNow } from '@poolscope/protocol'
import type { ServerPool } from '../sources/source.ts'
import { groupIdOf, poolIdOf } from './identity.ts'
import type { ServerEntry } from './server-entry.ts'
import { judgeKeptPool } from './status.ts'

const NO_DURATION = { p50: null, p95: null, p99: null, max: null }

/** The id of a pool that a pooler keeps. */
export function keptPoolId(server: ServerEntry, pool: Pick<ServerPool, 'database' | 'user'>): string {
  return poolIdOf(keptGroupId(server, pool), server.source.address)
}

function keptGroupId({ source }: ServerEntry, { user, database }: Pick<ServerPool, 'database' | 'user'>) {
  return groupIdOf(source.name, `${user}@${database}`, source.system, source.id)
}

/**
 * Pools that a pooler keeps, as it tells of them itself; what it cannot tell is null. They are `observed`, as no
 * probe measures them, though their limit and their waiting clients are known.
 */
export function keptPools(server: ServerEntry, atMs: number): PoolNow[] {
  const { source, sample } = server
  if (sample === null) return []
  const stale = server.isStale(atMs)
  return sample.pools.map((pool) => {
    const { max, min, inUse, idle, connecting, waiting, oldestWaitMs, checkoutsPerSec } = pool
    const numbers = {
      max,
      min,
      inUse,
      idle,
      connecting,
      waiting,
      inUsePeak: null,
      waitingPeak: null,
      oldestWaitMs,
      utilizationRatio: max === null || max === 0 ? null : inUse / max,
      waitMs: NO_DURATION,
      holdMs: NO_DURATION,
      createMs: NO_DURATION,
      checkoutsPerSec,
      timeoutsPerSec: null,
      errorsPerSec: null,
      createdPerSec: null,
      destroyedPerSec: null,
      holdBusyRatio: null,
      windowMs: sample.intervalMs,
    }
    return {
      id: keptPoolId(server, pool),
      groupId: keptGroupId(server, pool),
      service: source.name,
      name: `${pool.user}@${pool.database}`,
      instance: source.address,
      system: source.system,
      origin: 'observed' as const,
      serverId: source.id,
      upstreamServerId: server.upstreams.get(keptPoolId(server, pool)) ?? null,
      mode: pool.mode,
      ...numbers,
      acquireTimeoutMs: null,
      idleTimeoutMs: null,
      maxLifetimeMs: null,
      ignoredOptions: null,
      startedAtMs: null,
      ...judgeKeptPool({ ...numbers, stale }),
      atMs: sample.atMs,
      stale,
    }
  })
}
