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

  it.each([
    ['mysql://root:password@localhost:3306/myapp?connect_timeout=5', 'mysql', 'localhost:3306'],
    ['mysql://127.0.0.1/myapp?charset=utf8mb4', 'mysql', '127.0.0.1:3306'],
    ['mysql:///myapp?socket=/var/run/mysqld/mysqld.sock', 'mysql', '/var/run/mysqld/mysqld.sock'],
    ['mysql+pymysql://u:p@db:3307/app', 'mysql', 'db:3307'],
    ['mysql+mysqlconnector://u:p@db/app?unix_socket=/run/my.sock', 'mysql', '/run/my.sock'],
    ['mysql2://u:p@db/app', 'mysql', 'db:3306'],
    ['jdbc:mysql://db/app?user=u&password=p&useSSL=true', 'mysql', 'db:3306'],
    ['jdbc:mariadb://db:3307/app?user=u', 'mariadb', 'db:3307'],
    ['mariadb+mariadbconnector://u@[::1]/app', 'mariadb', '[::1]:3306'],
    ['mariadb://u@%2Frun%2Fmysqld%2Fmysqld.sock/app', 'mariadb', '/run/mysqld/mysqld.sock'],
    ['user:password@tcp(localhost:3306)/dbname', 'mysql', 'localhost:3306'],
    ['user:p@ss/w:rd@tcp(db)/dbname?parseTime=true', 'mysql', 'db:3306'],
    ['user@unix(/run/mysqld/mysqld.sock)/', 'mysql', '/run/mysqld/mysqld.sock'],
  ])('reads %s', (url, system, address) => {
    expect(parseServerUrl(url, null)).toMatchObject({ target: { system, name: address, address } })
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
  ] as const)('knows %s:', (scheme, system) => {
    expect(parseServerUrl(`${scheme}://u:p@h/db`, null)).toMatchObject({ target: { system } })
  })

  it.each([
    '',
    'db:5432',
    'http://db',
    'mysqlx://u:canary@db:33060',
    'mysql://u:canary@one,two/db',
    'postgresql://u:canary@db:99999/x',
    'host=db user=u password=canary',
  ])('refuses %s without repeating it', (url) => {
    const parsed = parseServerUrl(url, null)
    expect(parsed).toHaveProperty('problem')
    expect(JSON.stringify(parsed)).not.toContain('canary')
  })

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
