import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { errors } from './errors.ts'

holdRule(errors, [
  ['speaks of any error', groupWindow({ errorsPerSec: 0.1 }), 'critical'],
  ['is silent without one', groupWindow(), 'ok', 'critical'],
  ['cannot tell before a window has passed', groupWindow({ errorsPerSec: null }), 'unknown'],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])
