import { Pool, type PoolConfig } from 'pg'
import { describe, expect, it } from 'vitest'
import { ignoredOptions } from './ignored-options.ts'

/** What is found among the options as the driver keeps them. No pool connects before its first use. */
const found = (given: object) =>
  ignoredOptions({ ...new Pool(given as PoolConfig).options }).map(
    ({ name, instead }) => `${name} ${instead}`,
  )

describe(ignoredOptions, () => {
  it('names what other drivers call otherwise, with the name that works', () => {
    expect(found({ connectionLimit: 50, acquireTimeoutMillis: 2000, idleTimeout: 60_000 })).toEqual([
      'acquireTimeoutMillis connectionTimeoutMillis',
      'connectionLimit max',
      'idleTimeout idleTimeoutMillis',
    ])
    expect(found({ queueLimit: 100, username: 'shop' })).toEqual(['queueLimit null', 'username user'])
  })

  it('is silent of what the driver knows, and of names that are the host’s own', () => {
    expect(found({ max: 5, poolSize: 5, statement_timeout: 1000, maxUses: 9, tenant: 'a' })).toEqual([])
    expect(found({})).toEqual([])
  })

  it('is silent where the right option is given too, or what was asked for is so anyway', () => {
    expect(found({ connectionLimit: 50, max: 20 })).toEqual([])
    expect(found({ connectionLimit: 10, queueLimit: 0, maxConnections: undefined })).toEqual([])
  })

  it('reads the names in a connection string, and never tells a value', () => {
    const connectionString = 'postgres://me:secret@db/shop?connection_limit=7&pool_timeout=20&sslmode=disable'
    expect(found({ connectionString })).toEqual([
      'connection_limit max',
      'pool_timeout connectionTimeoutMillis',
    ])
  })

  it('tells of ten at most', () => {
    const many = { acquire: 1, acquireTimeout: 1, connectTimeout: 1, connectionTimeout: 1, idleTimeout: 1 }
    const more = { poolMax: 1, poolMin: 1, maxLifetime: 1, queueLimit: 1, queryTimeout: 1, lockTimeout: 1 }
    expect(Object.keys({ ...many, ...more })).toHaveLength(11)
    expect(found({ ...many, ...more })).toHaveLength(10)
  })

  it('names only what has no effect on a pool of this version', () => {
    expect(new Pool({ poolSize: 7 } as PoolConfig).options.max).toBe(7)
    expect(new Pool({ connectionLimit: 7 } as PoolConfig).options.max).toBe(10)
  })
})
