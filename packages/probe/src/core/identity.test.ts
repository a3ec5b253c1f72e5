import { describe, expect, it } from 'vitest'
import { destinationOf, poolName, stackEvery } from './identity.ts'

describe(destinationOf, () => {
  it('takes an option before the environment before a default', () => {
    const env = {
      POOLSCOPE_URL: 'https://agent.example/scope/',
      POOLSCOPE_TOKEN: 'env',
      OTEL_SERVICE_NAME: 'shop',
    }
    const byEnvironment = destinationOf({}, env)
    expect(byEnvironment?.url.href).toBe('https://agent.example/scope/api/v1/reports')
    expect(byEnvironment).toMatchObject({ token: 'env', service: 'shop' })
    const byOption = destinationOf({ url: 'http://other:1', token: 't', service: 's', instance: 'i' }, env)
    expect(byOption?.url.href).toBe('http://other:1/api/v1/reports')
    expect(byOption).toMatchObject({ token: 't', service: 's', instance: 'i' })
    const byDefault = destinationOf({}, { npm_package_name: 'from-npm' })
    expect(byDefault?.url.href).toBe('http://127.0.0.1:7077/api/v1/reports')
    expect(byDefault).toMatchObject({ token: null, service: 'from-npm' })
    expect(byDefault?.instance).toMatch(new RegExp(`:${process.pid}(/\\d+)?$`))
  })

  it('finds the service in package.json where nothing names it', () => {
    expect(destinationOf({}, {})?.service).toBe('poolscope-workspace')
  })

  it('is null when measuring is off or the address is not one of HTTP', () => {
    for (const url of ['off', 'nonsense', 'postgres://db', 'file:///tmp'])
      expect(destinationOf({ url }, {})).toBeNull()
    expect(destinationOf({}, { POOLSCOPE_URL: 'off' })).toBeNull()
  })

  it('treats empty settings as not given', () => {
    expect(destinationOf({ service: ' ' }, { OTEL_SERVICE_NAME: 'shop', POOLSCOPE_TOKEN: '' })).toMatchObject(
      {
        service: 'shop',
        token: null,
      },
    )
  })
})

describe(poolName, () => {
  it('is the name given, else the database, else pool; at most 200 characters', () => {
    expect([poolName({ name: 'orders' }, 'shop'), poolName({}, 'shop'), poolName({}, null)]).toEqual([
      'orders',
      'shop',
      'pool',
    ])
    expect(poolName({ name: 'x'.repeat(300) }, null).length).toBe(200)
  })
})

describe(stackEvery, () => {
  it('is 64 unless a whole number from 0 on is given', () => {
    expect(
      [undefined, -1, 0.5, Number.NaN].map((every) => stackEvery({ stackEvery: every as number })),
    ).toEqual(Array(4).fill(64))
    expect([0, 1, 8].map((every) => stackEvery({ stackEvery: every }))).toEqual([0, 1, 8])
  })
})
