import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { timeouts } from './timeouts.ts'

holdRule(timeouts, [
  // 1 of 1,001 that asked.
  [
    'warns of a time-out among a thousand',
    groupWindow({ timeoutsPerSec: 0.1, checkoutsPerSec: 100 }),
    'warn',
  ],
  // 1 of 100 that asked.
  ['is critical at one in a hundred', groupWindow({ timeoutsPerSec: 1, checkoutsPerSec: 99 }), 'critical'],
  ['is critical when all time out', groupWindow({ timeoutsPerSec: 2, checkoutsPerSec: 0 }), 'critical'],
  ['is silent without one', groupWindow(), 'ok', 'critical'],
  ['cannot tell before a window has passed', groupWindow({ timeoutsPerSec: null }), 'unknown'],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])
