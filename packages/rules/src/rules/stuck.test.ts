import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { stuck } from './stuck.ts'

holdRule(stuck, [
  ['speaks when full and nothing is handed out', groupWindow({ inUse: 10, checkoutsPerSec: 0 }), 'critical'],
  ['is silent when full and busy', groupWindow({ inUse: 10, checkoutsPerSec: 0.1 }), 'ok', 'critical'],
  ['is silent when quiet and not full', groupWindow({ inUse: 9, checkoutsPerSec: 0 }), 'ok'],
  ['is silent where nothing is known of the limit', groupWindow({ max: null, checkoutsPerSec: 0 }), 'ok'],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])
