import { describe, expect, it } from 'vitest'
import { parsePgbouncerUrl, pgbouncerAddress } from './pgbouncer-url.ts'

describe(parsePgbouncerUrl, () => {
  it('asks the admin console, whatever database is named, on the port of PgBouncer', () => {
    expect(parsePgbouncerUrl('pgbouncer://me:secret@pooler/shop')).toMatchObject({
      host: 'pooler',
      port: 6432,
      database: 'pgbouncer',
      user: 'me',
      password: 'secret',
    })
  })

  it('sends no setting at start-up, which PgBouncer would refuse', () => {
    const url = 'pgbouncer://me:secret@pooler?options=-c%20a%3Db&statement_timeout=5&application_name=x'
    expect(Object.keys(parsePgbouncerUrl(url)).sort()).toEqual([
      'database',
      'host',
      'password',
      'port',
      'user',
    ])
  })
})

describe(pgbouncerAddress, () => {
  it.each([
    ['pgbouncer://me:secret@pooler:7000', 'pooler:7000'],
    ['pgbouncer://me:secret@Pooler', 'pooler:6432'],
    ['pgbouncer://me:secret@[::1]:6432', '[::1]:6432'],
    ['pgbouncer://me:secret@/?host=/var/run/postgresql', '/var/run/postgresql/.s.PGSQL.6432'],
    ['pgbouncer://me:secret@%2Fvar%2Frun/', '/var/run/.s.PGSQL.6432'],
  ])('is of %s %s', (url, address) => {
    expect(pgbouncerAddress(url)).toBe(address)
  })
})
