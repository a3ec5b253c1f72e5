import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { noIdleTimeout } from './no-idle-timeout.ts'

holdRule(noIdleTimeout, [
  ['speaks when there is none', groupWindow({ idleTimeoutMs: null }), 'warn'],
  ['is silent with one', groupWindow({ idleTimeoutMs: 1 }), 'ok'],
  ['is silent where the pool has one size on purpose', groupWindow({ idleTimeoutMs: null, min: 10 }), 'ok'],
  ['is silent where a greatest age ends them', groupWindow({ idleTimeoutMs: null, maxLifetimeMs: 1 }), 'ok'],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])
