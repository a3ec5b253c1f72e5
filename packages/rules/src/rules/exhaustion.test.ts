import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow, pool } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { exhaustion } from './exhaustion.ts'

holdRule(exhaustion, [
  ['speaks when a full instance has a waiter', groupWindow({ inUse: 10, waiting: 1 }), 'critical'],
  ['is silent when full and nobody waits', groupWindow({ inUse: 10, waiting: 0 }), 'ok', 'critical'],
  [
    'is silent when somebody waits and the pool still opens connections',
    groupWindow({ inUse: 9, waiting: 1 }),
    'ok',
  ],
  [
    'finds one full instance among many',
    groupWindow(
      {},
      {
        pools: [pool(), pool({ instance: 'b', inUse: 10, waiting: 4 })],
        group: { inUse: 13, max: 20, waiting: 4 },
      },
    ),
    'critical',
  ],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])
