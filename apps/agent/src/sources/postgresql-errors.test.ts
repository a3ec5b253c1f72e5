import { SOURCE_ERRORS } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { DeadlineError, SourceFailure } from './failure.ts'
import { describeFailure } from './postgresql-errors.ts'

const CONTEXT = { address: 'db:5432', role: 'poolscope', database: 'app' }
const failure = (fields: { code?: string; routine?: string }, message = 'canary-secret') =>
  describeFailure(Object.assign(new Error(message), fields), CONTEXT)

describe(describeFailure, () => {
  it.each([
    ['28P01', 'auth_failed', 'denied'],
    ['28000', 'auth_failed', 'denied'],
    ['42501', 'permission_denied', 'denied'],
    ['3D000', 'database_missing', 'denied'],
    ['53300', 'connections_exhausted', 'refused'],
    ['57P03', 'starting_up', 'refused'],
    ['57P01', 'shutting_down', 'unreachable'],
    ['57P02', 'connection_lost', 'unreachable'],
    ['57014', 'timeout', 'unreachable'],
    ['08006', 'connection_lost', 'unreachable'],
    ['08P01', 'unknown', 'refused'],
    ['XX000', 'unknown', 'unreachable'],
    ['ECONNREFUSED', 'connection_refused', 'unreachable'],
    ['ENOENT', 'connection_refused', 'unreachable'],
    ['ENOTFOUND', 'host_not_found', 'unreachable'],
    ['EHOSTUNREACH', 'timeout', 'unreachable'],
    ['ECONNRESET', 'connection_lost', 'unreachable'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls_failed', 'unreachable'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls_failed', 'unreachable'],
    ['SOMETHING_ELSE', 'unknown', 'unreachable'],
  ])('takes %s for %s', (code, expected, state) => {
    expect(failure({ code })).toMatchObject({ code: expected, state })
  })

  it('tells the limit of a role or database from a full server by the line that refused', () => {
    expect(failure({ code: '53300', routine: 'InitializeSessionUserId' }).code).toBe('role_limit')
    expect(failure({ code: '53300', routine: 'CheckMyDatabase' }).code).toBe('role_limit')
    expect(failure({ code: '53300', routine: 'InitProcess' }).code).toBe('connections_exhausted')
    expect(failure({ code: '53300', routine: 'InitPostgres' }).code).toBe('connections_exhausted')
  })

  it('knows what the driver finds wrong by itself', () => {
    expect(failure({}, 'The server does not support SSL connections').code).toBe('tls_failed')
    expect(failure({}, 'Connection terminated unexpectedly').code).toBe('connection_lost')
    expect(failure({}, 'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string').code).toBe(
      'auth_failed',
    )
  })

  it('knows its own deadlines and refusals', () => {
    expect(describeFailure(new DeadlineError('late'), CONTEXT).code).toBe('timeout')
    expect(describeFailure(new SourceFailure('version_unsupported'), CONTEXT)).toMatchObject({
      code: 'version_unsupported',
      state: 'denied',
    })
    expect(describeFailure('thrown text', CONTEXT).code).toBe('unknown')
  })

  it('never repeats what the driver or the server said', () => {
    for (const code of [
      '28P01',
      '53300',
      '42501',
      'XX000',
      '08P01',
      'ECONNREFUSED',
      'canary-secret',
      undefined,
    ]) {
      expect(failure(code === undefined ? {} : { code }).message).not.toContain('canary-secret')
    }
  })

  it('has its own sentence for every code', () => {
    const messages = SOURCE_ERRORS.map((code) => describeFailure(new SourceFailure(code), CONTEXT).message)
    expect(new Set(messages).size).toBe(SOURCE_ERRORS.length)
  })
})

describe('statements in messages', () => {
  it('quotes names that need it, so that they can be pasted', () => {
    const context = { ...CONTEXT, role: 'Odd "one"', database: 'app' }
    const { message } = describeFailure(Object.assign(new Error('x'), { code: '42501' }), context)
    expect(message).toContain(
      'GRANT CONNECT ON DATABASE app TO "Odd ""one"""; GRANT pg_monitor TO "Odd ""one""".',
    )
  })
})
