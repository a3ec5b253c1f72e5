import { describe, expect, it } from 'vitest'
import { DEFAULT_BUDGET_BYTES, DEFAULT_TIERS } from '../history/tiers.ts'
import { ConfigError } from './config-error.ts'
import { type ConfigInput, resolveConfig } from './resolve-config.ts'

const TOKEN = 'a-token-of-twenty-ch'

function resolve(input: Partial<ConfigInput> = {}) {
  return resolveConfig({
    flags: {},
    env: {},
    readSecretFile: () => {
      throw new Error('no such file')
    },
    ...input,
  })
}

function problemsOf(input: Partial<ConfigInput>): string[] {
  try {
    resolve(input)
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(({ path, expected }) => `${path}: ${expected}`)
    throw error
  }
  return []
}

describe(resolveConfig, () => {
  it('listens on loopback, port 7077, without anything given', () => {
    expect(resolve()).toEqual({
      host: '127.0.0.1',
      port: 7077,
      token: null,
      servers: [],
      history: { dir: null, tiers: DEFAULT_TIERS, budgetBytes: DEFAULT_BUDGET_BYTES },
      allowedHosts: [],
      allowedOrigins: [],
      embedParents: [],
      leakQuietMs: {},
      rules: {},
      notifiers: [],
      publicUrl: null,
      knob: false,
      healthCompatibility: false,
      logLevel: 'info',
    })
  })

  it('keeps the history where programs keep theirs, unless it is told another place', () => {
    const dirOf = (input: Parameters<typeof resolve>[0]) => resolve(input).history.dir
    expect(dirOf({ env: { HOME: '/home/a' } })).toBe('/home/a/.local/state/poolscope')
    const env = { HOME: '/home/a', XDG_STATE_HOME: '/var/state' }
    expect(dirOf({ env })).toBe('/var/state/poolscope')
    const file = { history: { dir: '/data/file' } }
    expect(dirOf({ env, file })).toBe('/data/file')
    const named = { ...env, POOLSCOPE_DATA: '/data/env' }
    expect(dirOf({ env: named, file })).toBe('/data/env')
    expect(dirOf({ env: named, file, flags: { data: '/data/flag' } })).toBe('/data/flag')
  })

  it('takes other tiers and another budget', () => {
    const tiers = [
      { stepMs: 1000, keepMs: 86_400_000 },
      { stepMs: 30_000, keepMs: 864_000_000 },
    ]
    const file = { history: { tiers, budgetBytes: 100 << 20 } }
    expect(resolve({ file }).history).toMatchObject({ tiers, budgetBytes: 100 << 20 })
  })

  it.each([
    [{ dir: 7 }, 'history.dir: expected the path of a directory'],
    [{ budgetBytes: 5 }, 'history.budgetBytes: expected a whole number of at least 16777216'],
    [{ tier: [] }, 'history.tier: unknown key; did you mean tiers?'],
    [{ tiers: [] }, 'history.tiers: expected 1 to 6 of them'],
    [
      { tiers: [{ stepMs: 1500, keepMs: 86_400_000 }] },
      'history.tiers[0]: expected stepMs and keepMs, whole seconds in milliseconds',
    ],
    [
      { tiers: [{ stepMs: 5000, keepMs: 86_400_000 }] },
      'history.tiers: expected the first to have a stepMs of 1000, which is a tick',
    ],
    // A chunk of the second tier takes 240 rows of 10 s: 40 min, twice.
    [
      {
        tiers: [
          { stepMs: 1000, keepMs: 3_600_000 },
          { stepMs: 10_000, keepMs: 864_000_000 },
        ],
      },
      'history.tiers: expected the keepMs of number 1 to be at least 4800000',
    ],
    [
      {
        tiers: [
          { stepMs: 1000, keepMs: 864_000_000 },
          { stepMs: 10_000, keepMs: 864_000_000 },
          { stepMs: 15_000, keepMs: 864_000_000 },
        ],
      },
      'history.tiers: expected the stepMs of number 3 to be a multiple of the one before',
    ],
  ])('refuses the history %j', (history, expected) => {
    expect(problemsOf({ file: { history } })).toEqual([expected])
  })

  it('prefers flags to the environment, and the environment to the file', () => {
    const file = { host: '127.0.0.3', port: 3, logLevel: 'debug' }
    expect(resolve({ file })).toMatchObject({ host: '127.0.0.3', port: 3, logLevel: 'debug' })
    const env = { POOLSCOPE_HOST: '127.0.0.2', POOLSCOPE_PORT: '2' }
    expect(resolve({ file, env })).toMatchObject({ host: '127.0.0.2', port: 2 })
    const flags = { host: 'localhost', port: '1' }
    expect(resolve({ file, env, flags })).toMatchObject({ host: 'localhost', port: 1 })
  })

  it('takes an empty variable for one that is not set', () => {
    expect(resolve({ env: { POOLSCOPE_PORT: '', POOLSCOPE_TOKEN: '' } })).toMatchObject({
      port: 7077,
      token: null,
    })
  })

  it.each(['0.0.0.0', '::', '10.1.2.3', 'db.internal', '[::]'])(
    'refuses %s without a token, and says how to make one',
    (host) => {
      const [problem] = problemsOf({ flags: { host } })
      expect(problem).toMatch(/^token: .*openssl rand -hex 32/)
      expect(resolve({ flags: { host }, env: { POOLSCOPE_TOKEN: TOKEN } }).token).toBe(TOKEN)
    },
  )

  it.each(['127.0.0.1', '127.8.9.1', 'localhost', '::1', '[::1]', '::ffff:127.0.0.1'])(
    'needs no token on %s',
    (host) => {
      expect(problemsOf({ flags: { host } })).toEqual([])
    },
  )

  it.each(['http://x', 'x:80', 'a b', '-x'])('refuses the host %s', (host) => {
    expect(problemsOf({ flags: { host } })).toEqual([
      '--host: expected an IP address or a host name, without scheme and port',
    ])
  })

  it.each(['65536', '-1', '1.5', 'x', '7077 '])('refuses the port %s', (port) => {
    expect(problemsOf({ flags: { port } })).toEqual([
      '--port: expected a whole number from 0 to 65535; 0 takes any free port',
    ])
  })

  it('refuses a token that is short or has spaces, and does not repeat it', () => {
    for (const token of ['tooshort', 'sixteen characters']) {
      const problems = problemsOf({ env: { POOLSCOPE_TOKEN: token } })
      expect(problems).toEqual(['POOLSCOPE_TOKEN: expected at least 16 characters of ASCII without spaces'])
    }
  })

  it('reads the token from a file, without its last line feed', () => {
    const readSecretFile = (path: string) => (path === '/run/token' ? `${TOKEN}\n` : '')
    expect(resolve({ env: { POOLSCOPE_TOKEN_FILE: '/run/token' }, readSecretFile }).token).toBe(TOKEN)
    expect(resolve({ file: { tokenFile: '/run/token' }, readSecretFile }).token).toBe(TOKEN)
  })

  it('refuses a token and a token file at once', () => {
    expect(problemsOf({ env: { POOLSCOPE_TOKEN: TOKEN, POOLSCOPE_TOKEN_FILE: '/x' } })).toEqual([
      'POOLSCOPE_TOKEN: expected either it or POOLSCOPE_TOKEN_FILE, not both',
    ])
  })

  it('names a secret file that cannot be read', () => {
    expect(problemsOf({ file: { tokenFile: '/nope' } })).toEqual([
      'tokenFile: expected the path of a file that can be read',
    ])
  })

  it('reads servers from URLs and from the file', () => {
    const { servers } = resolve({
      flags: { servers: ['postgres://u:p@one/db'] },
      file: { servers: ['postgresql://two:6543/db', { url: 'postgresql://three/db', name: 'orders' }] },
    })
    expect(servers.map(({ name, address }) => [name, address])).toEqual([
      ['one:5432', 'one:5432'],
      ['two:6543', 'two:6543'],
      ['orders', 'three:5432'],
    ])
  })

  it('puts a password from a file or the environment into the URL', () => {
    const { servers } = resolve({
      env: { PG_PASSWORD: 'p@ss/word', DATABASE_URL: 'postgresql://u:x@two/db' },
      readSecretFile: () => 'from file\n',
      file: {
        servers: [
          // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own syntax
          { url: 'postgresql://u:${PG_PASSWORD}@one/db' },
          // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own syntax
          { url: '${DATABASE_URL}' },
          { url: 'postgresql://u@three/db', passwordFile: '/run/secrets/pg' },
        ],
      },
    })
    expect(servers.map(({ url }) => url)).toEqual([
      'postgresql://u:p%40ss%2Fword@one/db',
      'postgresql://u:x@two/db',
      'postgresql://u@three/db?password=from%20file',
    ])
  })

  it('names a variable that is not set', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own syntax
    const file = { servers: [{ url: 'postgresql://u:${PG_PASSWORD}@one/db' }] }
    expect(problemsOf({ file })).toEqual([
      'servers[0].url: expected the environment variable PG_PASSWORD, which is not set',
    ])
  })

  it('refuses the same server twice', () => {
    expect(problemsOf({ flags: { servers: ['postgresql://one/a', 'postgresql://ONE:5432/b'] } })).toEqual([
      'URL 2: expected another server than URL 1; one database of a server shows all of it',
    ])
  })

  it('suggests the key that was meant', () => {
    expect(
      problemsOf({
        file: { prot: 1, servers: [{ url: 'postgresql://x/y', passwordfile: '/x' }], zzzzzz: 1 },
      }),
    ).toEqual([
      'prot: unknown key; did you mean port?',
      expect.stringMatching(/^zzzzzz: unknown key; expected one of host, port, .*logLevel$/),
      'servers[0].passwordfile: unknown key; did you mean passwordFile?',
    ])
  })

  it('checks allowed hosts, origins and the log level', () => {
    const good = {
      allowedHosts: ['Scope.example.com'],
      allowedOrigins: ['https://portal.example.com/'],
      embedParents: ['https://wiki.example.com'],
      leakQuietMs: { '*': 30_000, 'checkout/orders': 1000 },
      logLevel: 'warn',
    }
    expect(resolve({ file: good })).toMatchObject({
      allowedHosts: ['scope.example.com'],
      allowedOrigins: ['https://portal.example.com'],
      embedParents: ['https://wiki.example.com'],
      leakQuietMs: { '*': 30_000, 'checkout/orders': 1000 },
      logLevel: 'warn',
    })
    expect(problemsOf({ file: { leakQuietMs: 3000 } })[0]).toMatch(/^leakQuietMs: expected a map/)
    const bad = {
      allowedHosts: ['http://x', 1],
      allowedOrigins: ['*', 'null', 'https://x/path'],
      leakQuietMs: { 'checkout/orders': 999, 'shop/stock': '5 s' },
      logLevel: 'loud',
    }
    expect(problemsOf({ file: bad }).map((problem) => problem.split(':')[0])).toEqual([
      'allowedHosts[0]',
      'allowedHosts[1]',
      'allowedOrigins[0]',
      'allowedOrigins[1]',
      'allowedOrigins[2]',
      'leakQuietMs.checkout/orders',
      'leakQuietMs.shop/stock',
      'logLevel',
    ])
  })

  it('lists everything that is wrong at once, without a secret', () => {
    const problems = problemsOf({
      flags: {
        host: '0.0.0.0',
        port: 'x',
        servers: ['postgresql://u:canary-secret@h:99999/db', 'mysqlx://u:canary-secret@h'],
      },
      file: {
        token: 'canary-secret',
        servers: 'postgresql://u:canary-secret@h',
        allowedHosts: 'canary-secret',
      },
    })
    expect(problems.length).toBe(6)
    expect(problems.join('\n')).not.toContain('canary-secret')
  })

  it('refuses a file that is no map', () => {
    expect(problemsOf({ file: ['x'] })[0]).toMatch(/^config file: expected a map/)
  })
})
