import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { poolMin } from './pool-min.ts'

holdRule(poolMin, [
  ['speaks when nothing is kept', groupWindow({ min: 0 }), 'warn'],
  ['is silent at a tenth', groupWindow({ min: 1 }), 'ok'],
  ['is silent when all are kept', groupWindow({ min: 10 }), 'ok'],
  ['speaks when more are kept than there may be', groupWindow({ min: 11 }), 'warn'],
  ['cannot tell without a limit', groupWindow({ max: null }), 'unknown'],
  ['cannot tell where it is not reported', groupWindow({ min: null }), 'unknown'],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])
