import type { WatchOptions } from '../core/identity.ts'
import { quietly } from '../core/replace.ts'
import { flush } from '../core/reporter.ts'
import { startWatching, stopWatching } from '../core/watching.ts'
import { measure } from './measure.ts'
import { sequelizePoolsOf } from './shape.ts'

export type { WatchOptions }
export { flush }

/**
 * Measures the pool of a Sequelize instance for PostgreSQL, MySQL or MariaDB from now on and reports it to the agent
 * once a second; with replication its two pools, as `name/read` and `name/write`. A second call for the same instance
 * changes nothing.
 * @returns the same instance. It is left alone when it is no Sequelize 6, or measuring is switched off. Never throws.
 * @example const db = watch(new Sequelize(url, { pool: { max: 20 } }), { name: 'orders' })
 */
export function watch<S extends object>(sequelize: S, options: WatchOptions = {}): S {
  quietly(() => {
    for (const found of sequelizePoolsOf(sequelize)) {
      const name = options.name ?? found.target.database ?? 'pool'
      const named = { ...options, name: `${name}${found.suffix}` }
      startWatching(found.pool, named, null, (how) => measure(found, how))
    }
  })
  return sequelize
}

/** Measures the pools of a Sequelize instance no more, and leaves them as they were. Never throws. */
export function unwatch(sequelize: object): void {
  quietly(() => {
    for (const { pool } of sequelizePoolsOf(sequelize)) stopWatching(pool)
  })
}
