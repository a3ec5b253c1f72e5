import { describe, expect, it } from 'vitest'
import { cleanName } from './clean-name.ts'
import { countConnections } from './postgresql-queries.ts'
import { sourceIdOf } from './source-id.ts'

describe(cleanName, () => {
  it('takes out controls and what turns the writing direction', () => {
    expect(cleanName('or\u0000der\u001b[31ms\u202e\u2066\u200b\ud800')).toBe('order[31ms')
  })

  it('keeps every script, and is at most 128 characters long', () => {
    expect(cleanName('заказы 注文 🛒')).toBe('заказы 注文 🛒')
    expect([...cleanName('🛒'.repeat(1000))]).toHaveLength(128)
  })
})

describe(sourceIdOf, () => {
  it.each([
    ['127.0.0.1:5432', 'postgresql-127.0.0.1-5432'],
    ['db.internal:5432', 'postgresql-db.internal-5432'],
    ['[::1]:5432', 'postgresql-__1-5432'],
    ['/var/run/postgresql/.s.PGSQL.5432', 'postgresql-var-run-postgresql-.s.PGSQL.5432'],
  ])('makes %s safe in a URL', (address, id) => {
    expect(sourceIdOf('postgresql', address)).toBe(id)
    expect(encodeURIComponent(id)).toBe(id)
  })
})

describe(countConnections, () => {
  it('counts by what sessions do, and the own one under other', () => {
    const rows = [
      { state: 'active', count: 2 },
      { state: 'fastpath function call', count: 1 },
      { state: 'idle', count: 4 },
      { state: 'idle in transaction', count: 1 },
      { state: 'idle in transaction (aborted)', count: 1 },
      { state: 'starting', count: 1 },
      { state: null, count: 3 },
    ]
    // other: 1 starting + 3 that may not be read + 1 of the agent
    expect(countConnections(rows)).toEqual({ active: 3, idle: 4, idleInTransaction: 2, other: 5, total: 14 })
  })
})
