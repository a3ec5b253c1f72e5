import { describe, expect, it } from 'vitest'
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
      allowedHosts: [],
      allowedOrigins: [],
      dataDir: null,
      rules: {},
      notifiers: [],
      publicUrl: null,
      healthCompatibility: false,
      logLevel: 'info',
    })
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
      'zzzzzz: unknown key; expected one of host, port, token, tokenFile, servers, rules, notifiers, publicUrl, healthCompatibility, allowedHosts, allowedOrigins, logLevel',
      'servers[0].passwordfile: unknown key; did you mean passwordFile?',
    ])
  })

  it('checks allowed hosts, origins and the log level', () => {
    const good = {
      allowedHosts: ['Scope.example.com'],
      allowedOrigins: ['https://portal.example.com/'],
      logLevel: 'warn',
    }
    expect(resolve({ file: good })).toMatchObject({
      allowedHosts: ['scope.example.com'],
      allowedOrigins: ['https://portal.example.com'],
      logLevel: 'warn',
    })
    const bad = {
      allowedHosts: ['http://x', 1],
      allowedOrigins: ['*', 'null', 'https://x/path'],
      logLevel: 'loud',
    }
    expect(problemsOf({ file: bad }).map((problem) => problem.split(':')[0])).toEqual([
      'allowedHosts[0]',
      'allowedHosts[1]',
      'allowedOrigins[0]',
      'allowedOrigins[1]',
      'allowedOrigins[2]',
      'logLevel',
    ])
  })

  it('lists everything that is wrong at once, without a secret', () => {
    const problems = problemsOf({
      flags: {
        host: '0.0.0.0',
        port: 'x',
        servers: ['postgresql://u:canary-secret@h:99999/db', 'mysql://u:canary-secret@h'],
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
