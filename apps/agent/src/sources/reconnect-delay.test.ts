import type { SourceErrorCode } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { reconnectDelayMs } from './reconnect-delay.ts'

const range = (code: SourceErrorCode, failures: number, failingMs: number) => [
  reconnectDelayMs({ code, failures, failingMs, random: () => 0 }),
  reconnectDelayMs({ code, failures, failingMs, random: () => 1 - 2 ** -53 }),
]

describe(reconnectDelayMs, () => {
  it('spreads attempts between a quarter of a second and a doubling bound', () => {
    expect(range('connection_refused', 0, 0)).toEqual([250, 500])
    expect(range('connection_refused', 2, 2000)).toEqual([250, 2000])
  })

  it('tries at least every five seconds in the first minute, and every thirty after it', () => {
    expect(range('timeout', 9, 59_999)).toEqual([250, 5000])
    expect(range('timeout', 9, 60_000)).toEqual([250, 30_000])
    expect(range('connection_lost', 5000, 3_600_000)).toEqual([250, 30_000])
  })

  it('does not press a full server, nor leave it alone for more than five seconds', () => {
    expect(range('connections_exhausted', 50, 600_000)).toEqual([2000, 4500])
  })

  it('leaves a server that starts or stops its time', () => {
    expect(range('starting_up', 0, 0)).toEqual([1000, 3000])
    expect(range('shutting_down', 0, 0)).toEqual([1000, 3000])
  })

  it.each<SourceErrorCode>([
    'auth_failed',
    'permission_denied',
    'database_missing',
    'role_limit',
    'tls_failed',
  ])('tries about once a minute after %s, which a person has to mend', (code) => {
    expect(range(code, 0, 0)).toEqual([55_000, 60_000])
  })
})
