import type { WatchOptions } from '../core/identity.ts'
import { quietly } from '../core/replace.ts'
import { flush } from '../core/reporter.ts'
import { startWatching, stopWatching } from '../core/watching.ts'
import { measure } from './measure.ts'
import { knexPoolOf } from './shape.ts'

export type { WatchOptions }
export { flush }

/**
 * Measures the pool of a Knex instance for PostgreSQL or MySQL from now on and reports it to the agent once a second.
 * A second call for the same pool changes nothing. After `knex.destroy()` and `knex.initialize()` there is another
 * pool, which wants another call.
 * @returns the same instance. It is left alone when it is no Knex, or uses a pool that was passed to it, or measuring
 *   is switched off. Never throws.
 * @example const db = watch(knex({ client: 'pg', connection, pool: { max: 20 } }), { name: 'orders' })
 */
export function watch<K extends object>(knex: K, options: WatchOptions = {}): K {
  quietly(() => {
    const found = knexPoolOf(knex)
    if (found !== null) {
      startWatching(found.pool, options, found.target.database, (how) => measure(found, how))
    }
  })
  return knex
}

/** Measures the pool of a Knex instance no more. Never throws. */
export function unwatch(knex: object): void {
  quietly(() => {
    const found = knexPoolOf(knex)
    if (found !== null) stopWatching(found.pool)
  })
}
