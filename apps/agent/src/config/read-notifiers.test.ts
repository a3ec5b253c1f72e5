import { describe, expect, it } from 'vitest'
import { ConfigError } from './config-error.ts'
import { Problems } from './problems.ts'
import { readNotifiers } from './read-notifiers.ts'

const SECRET = 'canary-of-the-webhook'

function read(value: unknown) {
  const problems = new Problems()
  const secrets = {
    env: { HOOK_SECRET: SECRET, SLACK: 'https://hooks.example.com/canary-path' },
    readFile: (path: string) => (path === '/run/slack' ? 'https://hooks.example.com/from-file\n' : fail()),
  }
  const notifiers = readNotifiers(value, secrets, problems)
  try {
    problems.throwIfAny()
    return { notifiers, problems: [] }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { notifiers, problems: error.problems.map(({ path, expected }) => `${path}: ${expected}`) }
  }
}

function fail(): never {
  throw new Error('no such file')
}

const hook = { type: 'webhook', url: 'https://a.example.com/hook', secret: `\${HOOK_SECRET}` }

describe(readNotifiers, () => {
  it('takes each kind, with secrets from the environment and from files', () => {
    const given = [
      { type: 'alertmanager', url: 'http://alertmanager:9093', atLeast: 'critical' },
      { ...hook, name: 'pager' },
      { type: 'slack', urlFile: '/run/slack' },
    ]
    expect(read(given)).toEqual({
      problems: [],
      notifiers: [
        { type: 'alertmanager', name: 'alertmanager', url: 'http://alertmanager:9093', atLeast: 'critical' },
        {
          type: 'webhook',
          name: 'pager',
          url: 'https://a.example.com/hook',
          secret: SECRET,
          atLeast: 'warn',
        },
        { type: 'slack', name: 'slack', url: 'https://hooks.example.com/from-file', atLeast: 'warn' },
      ],
    })
  })

  it.each([
    ['a map', {}, /^notifiers: expected a list$/],
    [
      'an unknown kind',
      [{ type: 'slak', url: 'https://a' }],
      /^notifiers\[0\]\.type: .* did you mean slack\?$/,
    ],
    [
      'an unknown key',
      [{ type: 'slack', url: 'https://a', token: 'x' }],
      /^notifiers\[0\]\.token: unknown key/,
    ],
    [
      'an address of another scheme',
      [{ type: 'slack', url: 'file:///etc/passwd' }],
      /^notifiers\[0\]\.url: expected an address that begins/,
    ],
    ['an address that is missing', [{ type: 'slack' }], /^notifiers\[0\]\.url: expected an address/],
    [
      'a webhook that is not signed',
      [{ ...hook, secret: undefined }],
      /^notifiers\[0\]\.secret: expected at least 16/,
    ],
    [
      'a secret that is too short',
      [{ ...hook, secret: 'short' }],
      /^notifiers\[0\]\.secret: expected at least 16/,
    ],
    [
      'a secret where none is used',
      [{ type: 'slack', url: 'https://a', secret: 'x' }],
      /^notifiers\[0\]\.secret: expected none/,
    ],
    [
      'an unknown severity',
      [{ ...hook, atLeast: 'loud' }],
      /^notifiers\[0\]\.atLeast: expected one of info, warn, critical$/,
    ],
    ['a name that stands twice', [hook, hook], /^notifiers\[1\]\.name: expected another name/],
    ['a name of other characters', [{ ...hook, name: '../x' }], /^notifiers\[0\]\.name: expected a name/],
  ])('refuses %s', (_what, value, problem) => {
    expect(read(value).problems).toEqual([expect.stringMatching(problem)])
  })

  it('never says a secret', () => {
    const { problems } = read([
      { type: 'slack', url: `ftp://\${SLACK}` },
      { ...hook, name: '!' },
    ])
    expect(problems).toHaveLength(2)
    expect(problems.join()).not.toContain('canary')
  })
})
