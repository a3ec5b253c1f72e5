import mysql from 'mysql2'
import { afterEach, describe, expect, it } from 'vitest'
import { ignoredOptions } from './ignored-options.ts'
import { mysqlPoolOf } from './shape.ts'

const pools: { end(): unknown }[] = []
afterEach(() => {
  for (const pool of pools.splice(0)) pool.end()
})

/** What is found in a pool of the driver. None connects before its first use. */
function found(options: mysql.PoolOptions) {
  const pool = mysql.createPool(options)
  pools.push(pool)
  return ignoredOptions(mysqlPoolOf(pool)?.config ?? {})
}

describe(ignoredOptions, () => {
  it('names an idle time-out that closes nothing, as every connection may stay idle', () => {
    const ignored = [{ name: 'idleTimeout', instead: 'maxIdle' }]
    expect(found({ connectionLimit: 10, idleTimeout: 5000 })).toEqual(ignored)
    expect(found({ connectionLimit: 10, maxIdle: 10, idleTimeout: 5000 })).toEqual(ignored)
  })

  it('cannot tell of other names where that has its effect, or was not given', () => {
    expect(found({ connectionLimit: 10, maxIdle: 2, idleTimeout: 5000 })).toBeNull()
    expect(found({ connectionLimit: 10 })).toBeNull()
  })
})
