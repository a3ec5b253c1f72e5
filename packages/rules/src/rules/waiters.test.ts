import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { waiters } from './waiters.ts'

holdRule(waiters, [
  ['warns of one waiter', groupWindow({ waiting: 1 }), 'warn'],
  ['is critical above ten', groupWindow({ waiting: 11 }), 'critical'],
  ['is not critical at ten', groupWindow({ waiting: 10 }), 'warn'],
  ['stays critical until five or fewer wait', groupWindow({ waiting: 6 }), 'critical', 'critical'],
  ['falls to a warning at five', groupWindow({ waiting: 5 }), 'warn', 'critical'],
  ['clears when nobody waits', groupWindow({ waiting: 0 }), 'ok', 'critical'],
  ['cannot tell where waiters are not counted', groupWindow({ waiting: null }), 'unknown'],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])
