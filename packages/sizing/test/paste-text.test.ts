import { parser as go } from '@lezer/go'
import { parser as java } from '@lezer/java'
import { parser as php } from '@lezer/php'
import { parser as python } from '@lezer/python'
import { startPgBouncer } from '@poolscope/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { PASTE_DEFAULTS, RECIPES } from '../src/index.ts'
import { MODEL, snippetsOf, textOf } from './pasted.ts'

const PARSERS = { go, java, php, python }

/** Places at which a grammar does not fit, with the text there. */
function misfits(parser: (typeof PARSERS)[keyof typeof PARSERS], text: string): string[] {
  const found: string[] = []
  parser.parse(text).iterate({
    enter: ({ type, from }) => {
      if (type.isError) found.push(text.slice(from, from + 30))
    },
  })
  return found
}

/** `key = value` lines by section. */
function ini(text: string): Record<string, Record<string, string>> {
  const sections: Record<string, Record<string, string>> = {}
  let section: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const name = /^\[(.+)\]$/.exec(line)?.[1]
    if (name !== undefined) {
      section = {}
      sections[name] = section
    }
    const [, key, value] = /^([\w.]+) = (.*)$/.exec(line) ?? []
    if (key !== undefined && value !== undefined) section[key] = value
  }
  return sections
}

describe('what is pasted', () => {
  it.each(RECIPES.flatMap((recipe) => recipe.write(MODEL).map((snippet) => ({ id: recipe.id, ...snippet }))))(
    'is whole for $id, $file',
    ({ language, text }) => {
      expect(text).toMatch(/[^\n]\n$/)
      expect(text).not.toMatch(/undefined|NaN|Infinity|null|\[object/)
      if (language in PARSERS) expect(misfits(PARSERS[language as keyof typeof PARSERS], text)).toEqual([])
      if (language === 'yaml') expect(parse(text)).toBeTypeOf('object')
    },
  )

  it('finds a misfit where there is one', () => {
    expect(misfits(go, textOf('go', 'db.go').replace('func Open(', 'func Open((('))).not.toEqual([])
    expect(misfits(java, textOf('hikaricp', 'Database.java').replace(');', ');)'))).not.toEqual([])
    expect(misfits(php, textOf('laravel', 'config/database.php').replace('=>', '=> =>'))).not.toEqual([])
    expect(misfits(python, textOf('psycopg2', 'db.py').replace('):', ')'))).not.toEqual([])
  })

  it('has the sizes in Go’s words', () => {
    const text = textOf('go', 'db.go')
    expect(text).toContain('db.SetMaxOpenConns(20)')
    expect(text).toContain('db.SetConnMaxLifetime(3600000 * time.Millisecond)')
    expect(text).toContain('2500*time.Millisecond')
  })

  it('has the parameters of Prisma’s URL', () => {
    const url = new URL(/"(.+)"/.exec(textOf('prisma-url', '.env'))?.[1] ?? '')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      connection_limit: '20',
      pool_timeout: '3', // 2500 ms, in whole seconds
      connect_timeout: '5',
    })
  })

  it('keeps PHP-FPM’s own rules', () => {
    for (const [max, min] of [
      [20, 5],
      [1, 0],
      [3, 3],
    ] as const) {
      const [conf] = snippetsOf('laravel', { ...MODEL, max, min })
      const pool = ini(conf?.text ?? '').www ?? {}
      const number = (key: string) => Number(pool[key])
      expect(number('pm.max_children')).toBe(max)
      // It refuses to start unless min <= start <= max spare servers <= max_children.
      expect(number('pm.min_spare_servers')).toBeGreaterThan(0)
      expect(number('pm.start_servers')).toBeGreaterThanOrEqual(number('pm.min_spare_servers'))
      expect(number('pm.start_servers')).toBeLessThanOrEqual(number('pm.max_spare_servers'))
      expect(number('pm.max_spare_servers')).toBeLessThanOrEqual(max)
    }
  })

  it('keeps HikariCP’s own rules', () => {
    const [, yaml] = snippetsOf('hikaricp', { ...MODEL, idleTimeoutMs: 5, maxLifetimeMs: 10 })
    const { hikari } = parse(yaml?.text ?? '').spring.datasource
    // Below 10 s idle and 30 s of life it would put in values of its own; idle must end well before life does.
    expect(hikari).toMatchObject({ 'maximum-pool-size': 20, 'minimum-idle': 5, 'connection-timeout': 2500 })
    expect(hikari['idle-timeout']).toBeGreaterThanOrEqual(10_000)
    expect(hikari['max-lifetime']).toBeGreaterThanOrEqual(30_000)
    expect(hikari['idle-timeout']).toBeLessThan(hikari['max-lifetime'])
  })

  it('puts PgBouncer between the application and PostgreSQL in compose.yaml', () => {
    const { services, volumes } = parse(textOf('pgbouncer-compose', 'compose.yaml'))
    expect(services.pgbouncer.environment).toMatchObject({
      POOL_MODE: 'transaction',
      DEFAULT_POOL_SIZE: '40',
      MAX_CLIENT_CONN: '100',
    })
    expect(services.api.environment.DATABASE_URL).toContain('@pgbouncer:5432/')
    expect(services.pgbouncer.environment.DATABASE_URL).toContain('@postgres:5432/')
    expect(Object.keys(volumes)).toEqual(['postgres-data'])
  })

  it('is what a real PgBouncer then runs with', async () => {
    const { databases = {}, pgbouncer = {} } = ini(textOf('pgbouncer', 'pgbouncer.ini'))
    // Where it listens and who may in belong to the test.
    const { listen_addr, listen_port, auth_file, ...settings } = pgbouncer
    expect([listen_addr, listen_port, auth_file]).not.toContain(undefined)
    const running = await startPgBouncer({
      databases,
      users: { stats: 'p' },
      statsUsers: ['stats'],
      settings,
    })
    try {
      const config = await running.show('CONFIG')
      const inForce = Object.fromEntries(config.map(({ key, value }) => [String(key), String(value)]))
      for (const [key, value] of Object.entries(settings))
        expect(`${key} ${inForce[key]}`).toBe(`${key} ${value}`)
      expect(settings).toMatchObject({
        default_pool_size: '40',
        reserve_pool_size: '10',
        max_db_connections: '50',
      })
      expect(await running.show('DATABASES')).toContainEqual(
        expect.objectContaining({ name: 'app', host: 'db.example.com', database: 'app' }),
      )
    } finally {
      await running.stop()
    }
  })

  it('is written for every model that can be, and for no other', () => {
    const time = fc.integer({ min: 1, max: 86_400_000 })
    const model = fc.record({
      max: fc.integer({ min: 1, max: 5000 }),
      minRatio: fc.double({ min: 0, max: 1, noNaN: true }),
      instances: fc.integer({ min: 1, max: 100 }),
      acquireTimeoutMs: time,
      connectTimeoutMs: time,
      idleTimeoutMs: time,
      maxLifetimeMs: time,
      statementTimeoutMs: time,
    })
    fc.assert(
      fc.property(model, ({ minRatio, ...given }) => {
        const whole = { ...given, min: Math.floor(given.max * minRatio), total: given.max * given.instances }
        for (const recipe of RECIPES) {
          for (const { text } of recipe.write(whole)) expect(text).not.toMatch(/undefined|NaN|Infinity|e\+/)
          expect(() => recipe.write({ ...whole, max: 0 })).toThrow(/^max must be/)
          expect(() => recipe.write({ ...whole, acquireTimeoutMs: Number.NaN })).toThrow(TypeError)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('has time-outs for what a size says nothing of', () => {
    expect(PASTE_DEFAULTS).toEqual({
      acquireTimeoutMs: 5000,
      connectTimeoutMs: 5000,
      idleTimeoutMs: 30_000,
      maxLifetimeMs: 3_600_000,
      statementTimeoutMs: 30_000,
    })
  })
})
