import { SOURCE_ERRORS } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { DeadlineError, SourceFailure } from './failure.ts'
import { describePgbouncerFailure } from './pgbouncer-errors.ts'

const CONTEXT = { address: 'pooler:6432', user: 'poolscope' }
const failure = (message: string, code?: string) =>
  describePgbouncerFailure(Object.assign(new Error(message), code === undefined ? {} : { code }), CONTEXT)

describe(describePgbouncerFailure, () => {
  it.each([
    ['SASL authentication failed', '08P01', 'auth_failed', 'denied'],
    ['password authentication failed', '28P01', 'auth_failed', 'denied'],
    ['no such user: poolscope', '08P01', 'auth_failed', 'denied'],
    ['not allowed', '08P01', 'permission_denied', 'denied'],
    ['admin access needed', '08P01', 'permission_denied', 'denied'],
    ['no more connections allowed (max_client_conn)', '08P01', 'connections_exhausted', 'refused'],
    ['no such database: pgbouncer', '08P01', 'database_missing', 'denied'],
    ['database "pgbouncer" does not exist', '3D000', 'database_missing', 'denied'],
    ['unrecognized configuration parameter "pools"', '42704', 'version_unsupported', 'denied'],
    ['SSL required', '08P01', 'tls_failed', 'unreachable'],
    ['The server does not support SSL connections', undefined, 'tls_failed', 'unreachable'],
    ['the database system is shutting down', '57P01', 'shutting_down', 'unreachable'],
    ['pgbouncer is shutting down', '08P01', 'shutting_down', 'unreachable'],
    ['Connection terminated unexpectedly', undefined, 'connection_lost', 'unreachable'],
    ['connect ECONNREFUSED', 'ECONNREFUSED', 'connection_refused', 'unreachable'],
    ['something new', '08P01', 'unknown', 'unreachable'],
  ])('takes "%s" for what it means', (message, sqlState, code, state) => {
    expect(failure(message, sqlState)).toMatchObject({ code, state })
  })

  it('knows its own deadlines and refusals', () => {
    expect(describePgbouncerFailure(new DeadlineError('late'), CONTEXT).code).toBe('timeout')
    expect(describePgbouncerFailure('thrown text', CONTEXT).code).toBe('unknown')
  })

  it('never repeats what the pooler said', () => {
    for (const said of ['canary-secret not allowed', 'password canary-secret', 'canary-secret']) {
      expect(failure(said, '08P01').message).not.toContain('canary-secret')
    }
  })

  it('has its own sentence for every code', () => {
    const messages = SOURCE_ERRORS.map(
      (code) => describePgbouncerFailure(new SourceFailure(code), CONTEXT).message,
    )
    expect(new Set(messages).size).toBe(SOURCE_ERRORS.length)
  })
})
