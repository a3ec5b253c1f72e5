import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@poolscope/testkit'
import { describe, expect, it } from 'vitest'
import { withPassword } from '../config/parse-server-url.ts'
import { mysqlAddress, parseMysqlUrl, urlOfGoDsn } from './mysql-url.ts'

describe(parseMysqlUrl, () => {
  it('reads who asks, and leaves a database out', () => {
    expect(parseMysqlUrl('mysql://app:p%40ss@db:3307/shop')).toEqual({
      to: { host: 'db', port: 3307 },
      tls: null,
      user: 'app',
      password: 'p@ss',
    })
    expect(parseMysqlUrl('mysql://db?user=u&password=p')).toMatchObject({ user: 'u', password: 'p' })
    expect(parseMysqlUrl('mysql://db')).toMatchObject({ user: null, password: null })
  })

  it('keeps a port that is the default of the web', () => {
    expect(mysqlAddress('mysql://u@db:80/x')).toBe('db:80')
  })

  it.each(['mysql://u@db/app', 'mysql://u@db/app?charset=utf8', 'mysql:///app?socket=/s'])(
    'gives %s any password',
    (url) => {
      expect(parseMysqlUrl(withPassword(url, 'p@s/s w&rd=+%41'))).toMatchObject({
        password: 'p@s/s w&rd=+%41',
      })
    },
  )

  it.each([
    ['ssl-mode=DISABLED', null],
    ['ssl-mode=PREFERRED', null],
    ['ssl-mode=REQUIRED', { rejectUnauthorized: false, verifyIdentity: false }],
    ['ssl-mode=VERIFY_CA', { rejectUnauthorized: true, verifyIdentity: false }],
    ['sslMode=verify-full', { rejectUnauthorized: true, verifyIdentity: true }],
    ['useSSL=true', { rejectUnauthorized: false, verifyIdentity: false }],
  ])('reads TLS of %s', (options, tls) => {
    expect(parseMysqlUrl(`mysql://u@db?${options}`).tls).toEqual(tls)
  })

  it('checks the server where an authority is named, by the file of it', async () => {
    const dir = await tempDir()
    const path = join(dir.path, 'ca.pem')
    writeFileSync(path, 'authority')
    const { tls } = parseMysqlUrl(`mysql://u@db?ssl-ca=${path}`)
    await dir.stop()
    expect(tls).toEqual({ ca: 'authority', rejectUnauthorized: true, verifyIdentity: false })
  })
})

describe(urlOfGoDsn, () => {
  it.each([
    ['app:p@ss@tcp(db:3306)/shop', 'mysql://app:p%40ss@db:3306/shop'],
    ['app@unix(/run/my.sock)/shop', 'mysql://app@/shop?socket=%2Frun%2Fmy.sock'],
    [
      'app:p@tcp([::1]:3307)/shop?tls=skip-verify',
      'mysql://app:p@[::1]:3307/shop?tls=skip-verify&ssl-mode=REQUIRED',
    ],
    ['mysql://app:p@db/shop', null],
    ['app:p@db/shop', null],
  ])('takes %s', (dsn, url) => {
    expect(urlOfGoDsn(dsn)).toBe(url)
  })
})
