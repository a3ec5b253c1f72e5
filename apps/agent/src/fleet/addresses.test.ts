import { describe, expect, it } from 'vitest'
import { placeBehind, placeOf, placeOfAddress } from './addresses.ts'

describe(placeOf, () => {
  it.each([
    ['localhost', 5432],
    ['127.0.0.1', 5432],
    ['::1', 5432],
    [null, 5432],
    ['/var/run/postgresql', 5432],
  ])('takes %s for the own machine', (host, port) => {
    expect(placeOf(host, port)).toBe(placeOfAddress('127.0.0.1:5432'))
  })

  it('keeps other hosts and ports apart, in any spelling', () => {
    expect(placeOf('DB.internal', 5432)).toBe(placeOfAddress('db.internal:5432'))
    expect(placeOf('fe80::1', 5432)).toBe(placeOfAddress('[fe80::1]:5432'))
    expect(placeOf('localhost', 5433)).not.toBe(placeOf('localhost', 5432))
    expect(placeOf('/run/mysqld/mysqld.sock', null)).toBe(placeOfAddress('/run/mysqld/mysqld.sock'))
  })
})

describe(placeBehind, () => {
  it('takes what is local to a distant pooler for the machine of the pooler', () => {
    const place = placeOf('pooler.internal', 5432)
    expect(placeBehind('127.0.0.1:5432', 'pooler.internal:6432')).toBe(place)
    expect(placeBehind('/tmp/.s.PGSQL.5432', 'pooler.internal:6432')).toBe(place)
    expect(placeBehind('db.internal:5432', 'pooler.internal:6432')).toBe(placeOf('db.internal', 5432))
  })

  it('takes what is local to a local pooler for this machine', () => {
    expect(placeBehind('/tmp/.s.PGSQL.5432', '127.0.0.1:6432')).toBe(placeOf('localhost', 5432))
    expect(placeBehind('localhost:5432', '/tmp/.s.PGSQL.6432')).toBe(placeOf('127.0.0.1', 5432))
  })
})
