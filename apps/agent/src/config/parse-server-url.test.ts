import { describe, expect, it } from 'vitest'
import { SUPPORTED_SYSTEMS } from '../sources/create-source.ts'
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

  it('takes the admin console of PgBouncer at its own port', () => {
    expect(parseServerUrl('pgbouncer://u:p@pooler', null)).toMatchObject({
      target: { system: 'pgbouncer', name: 'pooler:6432', address: 'pooler:6432' },
    })
  })

  it('leaves it to DNS which servers mongodb+srv: means', () => {
    const url = 'mongodb+srv://u:p@cluster0.example.net/app'
    expect(parseServerUrl(url, null)).toEqual({
      target: { system: 'mongodb', name: 'cluster0.example.net', address: 'cluster0.example.net', url },
    })
  })

  it.each([
    ['mysql', 'mysql'],
    ['mariadb', 'mariadb'],
    ['mongodb', 'mongodb'],
    ['mongodb+srv', 'mongodb'],
    ['redis', 'redis'],
    ['rediss', 'redis'],
    ['pgbouncer', 'pgbouncer'],
  ] as const)('knows %s:, and refuses it by name where it cannot be watched', (scheme, system) => {
    const parsed = parseServerUrl(`${scheme}://u:canary@h/db`, null)
    if (SUPPORTED_SYSTEMS.includes(system)) expect(parsed).toMatchObject({ target: { system } })
    else {
      const supported = SUPPORTED_SYSTEMS.join(', ')
      const problem = `${system} servers are not supported yet in this version; supported: ${supported}`
      expect(parsed).toEqual({ problem })
    }
  })

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
