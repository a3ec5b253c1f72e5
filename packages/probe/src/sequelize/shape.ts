import type { PoolTarget, System } from '@poolscope/protocol'
import { port, text } from '../core/values.ts'

/** The part of sequelize-pool's pool that the probe touches. */
export type SequelizePool = object & {
  acquireTimeoutMillis?: unknown
  idleTimeoutMillis?: unknown
  readonly available: number
  readonly waiting: number
  readonly maxSize: number
  readonly minSize: number
  acquire(): Promise<object>
  release(connection: object): unknown
  destroy(connection: object): Promise<unknown>
  destroyAllNow(): Promise<unknown>
  /** Not part of its interface, and the only place where connections are seen to open. */
  _factory: { create(): Promise<object> }
  /** Not part of its interface: read only when a pool that already has connections is watched. */
  readonly _inUseObjects?: unknown
  readonly _availableObjects?: unknown
  readonly _draining?: unknown
}

/** The part of a connection manager that asks the pool. */
export type SequelizeManager = object & {
  getConnection(options?: object): unknown
  readonly pool: { acquire(...args: unknown[]): unknown }
  readonly sequelize?: { options?: { databaseVersion?: unknown } }
}

/** The part of a Sequelize instance that queries go through. */
export type SequelizeInstance = object & {
  query(sql: unknown, options?: object, ...more: unknown[]): unknown
  readonly connectionManager: SequelizeManager
}

/** One of the pools of a Sequelize instance, and what is added to its name. */
export type FoundPool = {
  pool: SequelizePool
  suffix: string
  system: System
  target: PoolTarget
  /** Whom to follow for the code behind queries. */
  sequelize: SequelizeInstance
}

const SYSTEMS: Readonly<Record<string, System>> = {
  postgres: 'postgresql',
  mysql: 'mysql',
  mariadb: 'mariadb',
}

/** A Sequelize instance's pools: one, or with replication one to read and one to write. None for anything else. */
export function sequelizePoolsOf(thing: object): FoundPool[] {
  const sequelize = thing as SequelizeInstance
  const it = thing as {
    connectionManager?: { pool?: unknown }
    config?: Record<string, unknown>
    options?: Record<string, unknown>
  }
  const system = SYSTEMS[String(it.options?.dialect)]
  const pool = it.connectionManager?.pool
  if (system === undefined || typeof pool !== 'object' || pool === null) return []
  const settings = { ...it.config }
  if (isSequelizePool(pool)) return [{ pool, suffix: '', system, target: targetOf(settings), sequelize }]
  const { read, write } = pool as { read?: unknown; write?: unknown }
  return [['read', read] as const, ['write', write] as const].flatMap(([part, one]) =>
    typeof one === 'object' && one !== null && isSequelizePool(one)
      ? [{ pool: one, suffix: `/${part}`, system, target: targetOf(settings), sequelize }]
      : [],
  )
}

/** Where a pool leads by Sequelize's settings; the first connection knows it better. Never its password. */
function targetOf(settings: Record<string, unknown>): PoolTarget {
  return {
    host: text(settings.host, 255),
    port: port(settings.port),
    database: text(settings.database),
    user: text(settings.username),
  }
}

function isSequelizePool(pool: object): pool is SequelizePool {
  const it = pool as Partial<Record<keyof SequelizePool, unknown>>
  const factory = it._factory as { create?: unknown } | null | undefined
  return (
    [it.acquire, it.release, it.destroy, it.destroyAllNow, factory?.create].every(
      (part) => typeof part === 'function',
    ) &&
    [it.available, it.waiting, it.maxSize].every((part) => typeof part === 'number') &&
    Object.isExtensible(pool)
  )
}
