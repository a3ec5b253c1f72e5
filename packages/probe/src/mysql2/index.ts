import { destinationOf } from '../core/identity.ts'
import type { TurnableOptions } from '../core/knob.ts'
import { quietly, replace } from '../core/replace.ts'
import { flush } from '../core/reporter.ts'
import { type Measurement, startWatching, stopWatching } from '../core/watching.ts'
import { measure, targetOf } from './measure.ts'
import { type MysqlCluster, type MysqlPool, mysqlClusterOf, mysqlPoolOf } from './shape.ts'

export type { TurnableOptions as WatchOptions }
export { flush }

/** On a cluster under watch: how to leave it as it was. */
const CLUSTER = Symbol.for('poolscope.watched.cluster')

type WatchedCluster = MysqlCluster & { [CLUSTER]?: () => void }

/**
 * Measures a `mysql2` pool from now on and reports it to the agent once a second: the callback pool, the promise pool,
 * or each node of a pool cluster, as `name/node`. To be called before its first use: a wait that already goes on is not
 * seen. A second call for the same pool changes nothing.
 * @returns the same pool. It is left alone when it is not a `mysql2` pool, or is frozen, or measuring is switched off.
 *   Never throws.
 * @example const pool = watch(mysql.createPool({ connectionLimit: 20 }), { name: 'orders' })
 */
export function watch<P extends object>(pool: P, options: TurnableOptions = {}): P {
  quietly(() => {
    const cluster = mysqlClusterOf(pool)
    const core = mysqlPoolOf(pool)
    if (cluster !== null) watchCluster(cluster, options)
    else if (core !== null) watchPool(core, options)
  })
  return pool
}

/** Measures a pool, or all pools of a cluster, no more, and leaves it as it was. Never throws. */
export function unwatch(pool: object): void {
  quietly(() => {
    const cluster: WatchedCluster | null = mysqlClusterOf(pool)
    const core = mysqlPoolOf(pool)
    if (cluster !== null) cluster[CLUSTER]?.()
    else if (core !== null) stopWatching(core)
  })
}

function watchPool(pool: MysqlPool, options: TurnableOptions): void {
  startWatching(pool, options, targetOf(pool).database, (how): Measurement => measure(pool, how))
}

function watchCluster(cluster: WatchedCluster, options: TurnableOptions): void {
  if (cluster[CLUSTER] !== undefined || destinationOf(options, process.env) === null) return
  const nodes = () =>
    Object.entries(cluster._nodes).flatMap(([id, node]): [string, MysqlPool][] => {
      const pool = mysqlPoolOf(node)
      return pool === null ? [] : [[id, pool]]
    })
  const watchNodes = () => {
    for (const [id, pool] of nodes()) {
      const name = options.name ?? targetOf(pool).database ?? 'pool'
      watchPool(pool, { ...options, name: `${name}/${id}` })
    }
  }
  const own = Object.hasOwn(cluster, 'add') ? cluster.add : undefined
  const undo = replace(cluster, 'add', function add(this: MysqlCluster, ...args: unknown[]): unknown {
    const result = (own ?? (Object.getPrototypeOf(this) as MysqlCluster).add).apply(this, args)
    quietly(watchNodes)
    return result
  })
  const stop = () => {
    undo()
    for (const [, pool] of nodes()) stopWatching(pool)
    delete cluster[CLUSTER]
  }
  Object.defineProperty(cluster, CLUSTER, { value: stop, configurable: true })
  watchNodes()
}
