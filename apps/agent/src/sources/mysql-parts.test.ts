import { describe, expect, it } from 'vitest'
import { SourceFailure } from './failure.ts'
import { quotedAccount } from './mysql-account.ts'
import { type ClientRow, countClients, toSessions } from './mysql-clients.ts'
import { describeMysqlFailure } from './mysql-errors.ts'
import { flavorOf } from './mysql-flavor.ts'
import { userLimits } from './mysql-limits.ts'

const CANARY = 'canary-of-a-password'

function row(over: Partial<ClientRow>): ClientRow {
  return {
    pid: 7,
    user: 'app',
    host: '10.0.0.9',
    db: 'shop',
    command: 'Sleep',
    state: '',
    timeMs: 400.6,
    ...over,
  }
}

describe(flavorOf, () => {
  it.each([
    ['10.11.19-MariaDB-0+deb12u1', 'MariaDB', '10.11.19'],
    ['5.5.5-10.11.2-MariaDB-log', 'MariaDB', '10.11.2'],
    ['11.8.3-MariaDB', 'MariaDB', '11.8.3'],
    ['8.0.44', 'MySQL', '8.0.44'],
    ['8.4.6-0ubuntu0.25.04.1', 'MySQL', '8.4.6'],
    ['9.1', 'MySQL', '9.1'],
  ])('takes %s for %s %s', (said, label, version) => {
    expect(flavorOf(said)).toMatchObject({ label, version })
  })

  it.each(['5.7.44-log', '10.6.22-MariaDB', '5.5.5-10.3.1-MariaDB', '', 'x'])('refuses %s', (said) => {
    expect(() => flavorOf(said)).toThrow(SourceFailure)
  })

  it('reads sessions of MySQL without the lock that its process list holds', () => {
    const { threads, processList } = flavorOf('8.0.44')
    expect(threads?.sql(5)).toContain('FROM performance_schema.threads')
    expect(processList.sql(5)).toContain('TIME * 1000 AS timeMs')
    expect(flavorOf('10.11.19-MariaDB').threads).toBeNull()
  })
})

describe(countClients, () => {
  const transaction = { pid: 2, ageMs: 5000, waits: 0, lockedRows: 0 }
  const rows = [
    row({ pid: 1 }),
    row({ pid: 2 }),
    row({ pid: 3, command: 'Query' }),
    row({ pid: 4, command: 'Execute' }),
    row({ pid: 5, command: 'Binlog Dump GTID', user: 'replica' }),
    row({ pid: 6, command: 'Connect', user: 'unauthenticated user' }),
    row({ pid: 7, command: 'Connect', user: null }),
    row({ pid: 8, command: 'Killed' }),
  ]

  it('counts what is no work of an application, and the agent itself, as other', () => {
    // 1 sleeps, 2 sleeps in a transaction, 3 and 4 run, 5 to 8 and the agent are other: 1 + 1 + 2 + 5 = 9.
    expect(countClients(rows, new Map([[2, transaction]]), 9)).toEqual({
      active: 2,
      idle: 1,
      idleInTransaction: 1,
      other: 5,
      total: 9,
    })
  })

  it('knows nothing but the count of the server where others may not be seen', () => {
    const none = { active: null, idle: null, idleInTransaction: null, other: null }
    expect(countClients([], null, 42)).toEqual({ ...none, total: 42 })
    expect(countClients([], null, null)).toEqual({ ...none, total: null })
  })
})

describe(toSessions, () => {
  it('says what a session waits for', () => {
    const waits = (state: string | null) =>
      toSessions([row({ command: 'Query', state })], new Map(), new Map())[0]
    expect(waits('Waiting for table metadata lock')).toMatchObject({ waitEventType: 'Lock' })
    expect(waits('Sending data')).toMatchObject({ waitEventType: 'State', waitEvent: 'Sending data' })
    expect(waits('')).toMatchObject({ waitEventType: null, waitEvent: null })
    const locked = toSessions(
      [row({ command: 'Query', state: 'Updating' })],
      new Map([[7, { pid: 7, ageMs: 1000, waits: 1, lockedRows: 1 }]]),
      new Map([[7, 'orders\u202e']]),
    )
    expect(locked).toEqual([
      {
        pid: 7,
        application: 'orders',
        user: 'app',
        database: 'shop',
        clientAddress: '10.0.0.9',
        state: 'active',
        waitEventType: 'Lock',
        waitEvent: 'row lock',
        connectedMs: null,
        stateMs: 401,
        transactionMs: 1000,
      },
    ])
  })

  it('does not call a session idle where its transaction may not be seen', () => {
    expect(toSessions([row({})], null, new Map())).toMatchObject([{ state: 'unknown', transactionMs: null }])
  })
})

describe(userLimits, () => {
  it('counts by name, with the agent itself, and not where a name has two accounts', () => {
    const accounts = [
      { user: 'watcher', host: '%', max: 3 },
      { user: 'app', host: '10.%', max: 10 },
      { user: 'twin', host: '10.%', max: 5 },
      { user: 'twin', host: '%', max: 5 },
      { user: 'free', host: '%', max: 0 },
    ]
    const rows = [row({}), row({ pid: 8 }), row({ pid: 9, user: 'twin' })]
    // 1 of 3 is more than 2 of 10.
    expect(userLimits(accounts, rows, 'watcher')).toEqual([
      { kind: 'user', name: 'watcher@%', used: 1, max: 3 },
      { kind: 'user', name: 'app@10.%', used: 2, max: 10 },
      { kind: 'user', name: 'twin@10.%', used: null, max: 5 },
      { kind: 'user', name: 'twin@%', used: null, max: 5 },
    ])
    expect(userLimits(accounts, null, 'watcher').map(({ used }) => used)).toEqual([null, null, null, null])
  })
})

describe(quotedAccount, () => {
  it.each([
    ['app@%', '`app`@`%`'],
    ["it's `odd`@home@10.0.%", "`it's ``odd``@home`@`10.0.%`"],
    ['@localhost', '``@`localhost`'],
  ])('quotes %s', (account, quoted) => {
    expect(quotedAccount(account)).toBe(quoted)
  })
})

describe(describeMysqlFailure, () => {
  const context = { address: 'db:3306', user: 'app', account: '`app`@`%`', tls: false }
  const failed = (errno: number) =>
    Object.assign(new Error(`Access denied ${CANARY}`), { errno, code: 'ER_X' })

  it.each([
    [1040, 'connections_exhausted', 'refused'],
    [1203, 'role_limit', 'refused'],
    [1226, 'role_limit', 'refused'],
    [1045, 'auth_failed', 'denied'],
    [1698, 'auth_failed', 'denied'],
    [1227, 'permission_denied', 'denied'],
    [1053, 'shutting_down', 'unreachable'],
    [3024, 'timeout', 'unreachable'],
    [3159, 'tls_failed', 'unreachable'],
    [9999, 'unknown', 'unreachable'],
  ])('takes %i for %s', (errno, code, state) => {
    const failure = describeMysqlFailure(failed(errno), context)
    expect(failure).toMatchObject({ code, state })
    expect(failure.message).not.toContain(CANARY)
  })

  it.each(['PROTOCOL_CONNECTION_LOST', 'ECONNRESET'])('takes %s for a broken connection', (code) => {
    expect(describeMysqlFailure(Object.assign(new Error(CANARY), { code }), context).code).toBe(
      'connection_lost',
    )
  })

  it('names the account as a GRANT takes it', () => {
    const { message } = describeMysqlFailure(failed(1142), context)
    expect(message).toContain('GRANT PROCESS ON *.* TO `app`@`%`;')
    expect(message).toContain('GRANT SELECT ON performance_schema.* TO `app`@`%`;')
  })
})
