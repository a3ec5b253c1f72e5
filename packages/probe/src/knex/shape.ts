import type { PoolTarget, System } from '@poolscope/protocol'
import { port, text } from '../core/values.ts'

type Listener = (...args: never[]) => void

/** The part of tarn's pool, which Knex keeps its connections in, that the probe touches. */
export type TarnPool = object & {
  readonly min: unknown
  readonly max: unknown
  readonly acquireTimeoutMillis: unknown
  readonly idleTimeoutMillis: unknown
  numFree(): number
  numPendingAcquires(): number
  numPendingValidations(): number
  on(event: string, listener: Listener): unknown
  removeListener(event: string, listener: Listener): unknown
  /** Not part of its interface: read only when a pool that already has connections is watched. */
  readonly used?: unknown
  readonly free?: unknown
}

/** What a Knex instance says of its pool. */
export type KnexPool = { client: object; pool: TarnPool; system: System; target: PoolTarget }

/** Systems by the driver that a dialect loads. */
const SYSTEMS: Readonly<Record<string, System>> = {
  pg: 'postgresql',
  'pg-native': 'postgresql',
  mysql: 'mysql',
  mysql2: 'mysql',
}

/** A Knex instance's own pool; `null` for what is no Knex, has another's pool or leads to another kind of server. */
export function knexPoolOf(thing: object): KnexPool | null {
  const { client } = thing as { client?: Record<string, unknown> }
  if (typeof client !== 'object' || client === null) return null
  const { pool, driverName, connectionSettings } = client
  const system = SYSTEMS[String(driverName)]
  if (system === undefined || typeof pool !== 'object' || pool === null || !isTarnPool(pool)) return null
  const settings = { ...(connectionSettings as Record<string, unknown> | undefined) }
  return { client, pool, system, target: targetOf(settings) }
}

/** Where a pool leads by Knex's settings; the first connection knows it better. Never its password. */
function targetOf(settings: Record<string, unknown>): PoolTarget {
  return {
    host: text(settings.host, 255),
    port: port(settings.port),
    database: text(settings.database),
    user: text(settings.user),
  }
}

function isTarnPool(pool: object): pool is TarnPool {
  const it = pool as Partial<Record<keyof TarnPool, unknown>>
  return [it.numFree, it.numPendingAcquires, it.numPendingValidations, it.on, it.removeListener].every(
    (part) => typeof part === 'function',
  )
}
