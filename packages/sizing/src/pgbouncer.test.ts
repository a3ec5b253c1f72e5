import { describe, expect, it } from 'vitest'
import {
  CAVEAT_TEXTS,
  POOL_MODES,
  POOLER_CAVEATS,
  type PoolerSettings,
  poolerServerConnections,
} from './pgbouncer.ts'

const settings: PoolerSettings = {
  mode: 'transaction',
  defaultPoolSize: 20,
  reservePoolSize: 0,
  maxClientConn: 1000,
  maxDbConnections: 0,
  pairs: 1,
  databases: 1,
}

describe(poolerServerConnections, () => {
  it('is the pool size, however many clients there are', () => {
    // 3 servers x 20 connections = 60 clients share these 20.
    expect(poolerServerConnections(settings)).toBe(20)
  })

  it('counts the reserve, and each pair of database and user', () => {
    expect(poolerServerConnections({ ...settings, reservePoolSize: 5 })).toBe(25) // 20 + 5
    expect(poolerServerConnections({ ...settings, pairs: 3, databases: 2 })).toBe(60) // 3 x 20
  })

  it('stops at the limit of each database', () => {
    const wide = { ...settings, pairs: 6, databases: 1, maxDbConnections: 100 }
    expect(poolerServerConnections(wide)).toBe(100) // min(6 x 20, 1 x 100)
  })

  it('refuses more databases than pairs', () => {
    expect(() => poolerServerConnections({ ...settings, databases: 2 })).toThrow(/databases must be/)
  })
})

describe('POOLER_CAVEATS', () => {
  it('has a sentence for each caveat of each mode', () => {
    for (const mode of POOL_MODES) {
      for (const caveat of POOLER_CAVEATS[mode]) expect(CAVEAT_TEXTS[caveat]).toMatch(/\.$/)
    }
  })
})
