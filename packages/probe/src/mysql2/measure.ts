import type { IgnoredOption, PoolTarget } from '@poolscope/protocol'
import { type Activity, mysqlActivity } from '../core/activity.ts'
import { Handles } from '../core/handles.ts'
import { PoolMeter } from '../core/meter.ts'
import type { PoolAdapter, PoolView } from '../core/pool-adapter.ts'
import { ownMethod, quietly, replace, undoAll } from '../core/replace.ts'
import { port, text, timeoutMs, whole } from '../core/values.ts'
import type { Measurement, MeasureOptions } from '../core/watching.ts'
import { measuredCheckout } from './checkout.ts'
import { adoptConnections, followOpened, measuredRelease } from './connections.ts'
import { ignoredOptions } from './ignored-options.ts'
import type { MysqlConnection, MysqlPool } from './shape.ts'
import { MysqlTurning } from './turning.ts'

/**
 * Measures one `mysql2` pool: by its own `getConnection` and `releaseConnection`, which everything goes through, and
 * its event for connections that are open.
 * @throws what a pool throws that does not let itself be changed; it is left as it was
 */
export function measure(pool: MysqlPool, options: MeasureOptions): Measurement {
  const { onEnd, onFault } = options
  const meter = new PoolMeter(options.name, new Mysql2Adapter(pool), options.stackEvery)
  const turning = new MysqlTurning(pool)
  const undos: (() => void)[] = []
  try {
    adoptConnections(pool, meter)
    undos.push(followOpened(pool, meter, () => {}, onFault))
    undos.push(replace(pool, 'end', announcedEnd(pool, meter, onEnd)))
    undos.push(replace(pool, 'releaseConnection', measuredRelease(pool, meter, onFault, turning)))
    const handles = options.proveLeaks ? new Handles(meter) : null
    undos.push(replace(pool, 'getConnection', measuredCheckout(pool, meter, onFault, handles)))
  } catch (error) {
    undoAll(undos)
    throw error
  }
  return { meter, turning, undo: () => undoAll(undos) }
}

/** Where a pool leads by its options. Never its password. */
export function targetOf(pool: MysqlPool): PoolTarget {
  const config = pool.config.connectionConfig
  const socket = text(config.socketPath, 255)
  return {
    host: socket ?? text(config.host, 255),
    port: socket === null ? port(config.port) : null,
    database: text(config.database),
    user: text(config.user),
  }
}

/** What the meter asks about a pool. Holds it weakly: a pool that its owner forgot is not kept. */
class Mysql2Adapter implements PoolAdapter {
  readonly system = 'mysql'
  readonly #pool: WeakRef<MysqlPool>
  readonly #target: PoolTarget
  readonly #ignoredOptions: IgnoredOption[] | null

  constructor(pool: MysqlPool) {
    this.#pool = new WeakRef(pool)
    this.#target = targetOf(pool)
    this.#ignoredOptions = ignoredOptions(pool.config)
  }

  view(): PoolView | null {
    const pool = this.#pool.deref()
    if (pool === undefined) return null
    const { connectionLimit, maxIdle, idleTimeout } = pool.config
    return {
      // Zero means without a limit to the driver.
      max: whole(connectionLimit) || null,
      min: 0,
      acquireTimeoutMs: null,
      // Connections leave for being idle only where fewer of them may be idle than there may be.
      idleTimeoutMs: Number(maxIdle) < Number(connectionLimit) ? timeoutMs(idleTimeout) : null,
      ignoredOptions: this.#ignoredOptions,
      idle: pool._closed === true ? 0 : pool._freeConnections.length,
      target: this.#target,
    }
  }

  sessionPid(connection: object): number | null {
    return whole((connection as MysqlConnection).threadId, Number.MAX_SAFE_INTEGER)
  }

  activity(connection: object): Activity {
    return mysqlActivity(connection)
  }
}

function announcedEnd(pool: MysqlPool, meter: PoolMeter, onEnd: () => void): MysqlPool['end'] {
  const own = ownMethod(pool, 'end')
  return function end(this: MysqlPool, callback?: (error?: unknown) => void): unknown {
    const original = own ?? (Object.getPrototypeOf(this) as MysqlPool).end
    return original.call(this, (error?: unknown) => {
      // Callers that still wait are sent away in a moment: the last report is to count them.
      if (meter.waiting > 0) process.nextTick(quietly, onEnd)
      else quietly(onEnd)
      if (typeof callback === 'function') return callback(error)
      // As the driver's own does without a callback.
      if (error) throw error
    })
  }
}
