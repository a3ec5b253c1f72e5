import { describe, expect, it } from 'vitest'
import { parsePostgresUrl } from '../sources/postgresql-url.ts'
import { parseServerUrl, withPassword } from './parse-server-url.ts'

describe(parseServerUrl, () => {
  it.each([
    ['postgresql://u:p@db.internal:6543/app', 'db.internal:6543'],
    ['postgres://u@DB.internal/app?sslmode=disable', 'db.internal:5432'],
    ['postgresql:///app?host=/var/run/postgresql', '/var/run/postgresql/.s.PGSQL.5432'],
    ['postgresql://u:p@/app?host=/tmp&port=5433', '/tmp/.s.PGSQL.5433'],
    ['postgresql://%2Fvar%2Frun%2Fpostgresql/app', '/var/run/postgresql/.s.PGSQL.5432'],
    ['socket:/var/run/postgresql?db=app', '/var/run/postgresql/.s.PGSQL.5432'],
    ['socket://u:p@/var/run/postgresql?db=app', '/var/run/postgresql/.s.PGSQL.5432'],
    ['/var/run/postgresql app', '/var/run/postgresql/.s.PGSQL.5432'],
    ['postgresql://u:p@[::1]:5432/app', '[::1]:5432'],
    ['jdbc:postgresql://db/app?user=u&password=p', 'db:5432'],
    ['postgresql+psycopg2://u:p@db/app', 'db:5432'],
    ['postgresql://u:p@db/app?schema=public&connection_limit=5', 'db:5432'],
  ])('reads %s', (url, address) => {
    const parsed = parseServerUrl(url, null)
    expect(parsed).toMatchObject({ target: { system: 'postgresql', name: address, address } })
  })

  it.each(['mysql', 'mariadb', 'mongodb', 'mongodb+srv', 'redis', 'rediss', 'pgbouncer'])(
    'knows %s: and refuses it',
    (scheme) => {
      expect(parseServerUrl(`${scheme}://u:canary@h/db`, null)).toEqual({
        problem: expect.stringMatching(/not supported yet in this version; supported: postgresql$/),
      })
    },
  )

  it.each(['', 'db:5432', 'http://db', 'postgresql://u:canary@db:99999/x', 'host=db user=u password=canary'])(
    'refuses %s without repeating it',
    (url) => {
      const parsed = parseServerUrl(url, null)
      expect(parsed).toHaveProperty('problem')
      expect(JSON.stringify(parsed)).not.toContain('canary')
    },
  )

  it('names a certificate that cannot be read', () => {
    expect(parseServerUrl('postgresql://db/app?sslrootcert=/no/such.pem', null)).toEqual({
      problem: 'expected a certificate that can be read at /no/such.pem',
    })
  })
})

describe(withPassword, () => {
  it.each(['postgresql://u@db/app', 'postgresql://u@db/app?sslmode=disable', 'postgresql:///app?host=/tmp'])(
    'gives %s any password',
    (url) => {
      expect(parsePostgresUrl(withPassword(url, 'p@s/s w&rd=+%41'))).toMatchObject({
        password: 'p@s/s w&rd=+%41',
      })
    },
  )
})
