import { describe, expect, it } from 'vitest'
import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow, judge } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { noAcquireTimeout } from './no-acquire-timeout.ts'

describe('the remedy for mysql2', () => {
  it('does not name an option that the driver ignores', () => {
    expect(
      judge(noAcquireTimeout, groupWindow({ system: 'mysql', acquireTimeoutMs: null })).remedy,
    ).toContain('ignores')
  })
})

holdRule(noAcquireTimeout, [
  ['speaks when there is none', groupWindow({ acquireTimeoutMs: null }), 'warn'],
  ['takes 0 for none', groupWindow({ acquireTimeoutMs: 0 }), 'warn'],
  ['is silent at 30 s', groupWindow({ acquireTimeoutMs: 30_000 }), 'ok'],
  ['speaks of longer ones', groupWindow({ acquireTimeoutMs: 30_001 }), 'warn'],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])
