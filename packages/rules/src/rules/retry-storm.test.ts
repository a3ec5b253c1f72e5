import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow, series } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { retryStorm } from './retry-storm.ts'

const storm = (checkoutsPerSec: number, timeoutsPerSec: number) =>
  groupWindow({ checkoutsPerSec, timeoutsPerSec }, { day: series({ attemptsPerSec: [90, 100, 110] }) })

holdRule(retryStorm, [
  // 160 get one and 40 fail: 200 ask instead of 100, and 20 % fail.
  ['speaks at twice the usual and one failure in five', storm(160, 40), 'critical'],
  ['is silent at one failure in six', storm(170, 34), 'ok'],
  ['is silent when no more ask than usual', storm(60, 40), 'ok'],
  ['is silent when nobody fails', storm(500, 0), 'ok', 'critical'],
  ['cannot tell what is usual at first', groupWindow({ timeoutsPerSec: 1 }), 'unknown'],
  ['cannot tell before a window has passed', groupWindow({ timeoutsPerSec: null }), 'unknown'],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])
