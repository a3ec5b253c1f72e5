import type { Turning } from '../core/knob.ts'
import { quietly } from '../core/replace.ts'
import { whole } from '../core/values.ts'
import type { Checkout, MysqlConnection, MysqlPool } from './shape.ts'

/**
 * How a `mysql2` pool is turned. The driver looks at `connectionLimit` at each checkout, but it neither serves those who
 * wait already nor closes what is too many. Holds the pool weakly.
 */
export class MysqlTurning implements Turning {
  readonly #pool: WeakRef<MysqlPool>
  /** The connection that it takes out of the pool at this moment. */
  #closing: MysqlConnection | null = null
  /** There are more than there may be: those that are given back are closed. */
  #over = false

  constructor(pool: MysqlPool) {
    this.#pool = new WeakRef(pool)
  }

  max(): number | null {
    // Zero means without a limit to the driver: there is nothing to change.
    return whole(this.#pool.deref()?.config.connectionLimit) || null
  }

  turn(max: number): void {
    const pool = this.#pool.deref()
    if (pool === undefined) return
    const { config } = pool
    // As many may stay idle as there may be, unless the process has said otherwise.
    if (config.maxIdle === config.connectionLimit) config.maxIdle = max
    config.connectionLimit = max
    if (pool._closed === true) return
    for (let room = max - pool._allConnections.length; room > 0; room--) {
      const next = pool._connectionQueue.shift()
      if (next === undefined) break
      pool.getConnection(next as Checkout)
    }
    this.#over = pool._allConnections.length > max
    while (this.#over && pool._freeConnections.length > 0) {
      if (!this.#close(pool, pool._freeConnections.get(0) as MysqlConnection)) break
    }
  }

  /**
   * To be asked of each connection that the pool is to take back.
   * @returns whether it is closed instead, and the pool must not hear of it: it would move somebody who waits to the end
   *   of its queue
   */
  closes(connection: MysqlConnection): boolean {
    if (connection === this.#closing) return true
    if (!this.#over) return false
    const pool = this.#pool.deref()
    if (pool === undefined || !connection._pool) return false
    let closed = false
    quietly(() => {
      this.#over = pool._allConnections.length > Number(pool.config.connectionLimit)
      closed = this.#over && this.#close(pool, connection)
    })
    return closed
  }

  #close(pool: MysqlPool, connection: MysqlConnection): boolean {
    const { length } = pool._allConnections
    this.#closing = connection
    try {
      connection._removeFromPool?.()
    } finally {
      this.#closing = null
    }
    if (pool._allConnections.length === length) return false
    connection._realEnd?.(() => {})
    this.#over = pool._allConnections.length > Number(pool.config.connectionLimit)
    return true
  }
}
