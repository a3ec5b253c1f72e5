import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { utilization } from './utilization.ts'

holdRule(utilization, [
  ['is silent at 80 %', groupWindow({ inUse: 8 }), 'ok'],
  ['warns above 80 %', groupWindow({ inUse: 9 }), 'warn'],
  ['still warns at 71 %, once it warned', groupWindow({ inUse: 71, max: 100 }), 'warn', 'warn'],
  ['clears at 70 %', groupWindow({ inUse: 7 }), 'ok', 'warn'],
  ['is critical above 95 %', groupWindow({ inUse: 96, max: 100 }), 'critical'],
  ['is not critical at 95 %', groupWindow({ inUse: 95, max: 100 }), 'warn'],
  ['stays critical until 85 %', groupWindow({ inUse: 86, max: 100 }), 'critical', 'critical'],
  ['takes in use against max, not against what is open', groupWindow({ inUse: 1, idle: 0, max: 10 }), 'ok'],
  ['cannot tell without a limit', groupWindow({ max: null }), 'unknown'],
  ['cannot tell of a pool of none', groupWindow({ inUse: 0, max: 0 }), 'unknown'],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])
