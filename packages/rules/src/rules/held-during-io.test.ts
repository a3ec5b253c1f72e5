import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow, holder } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { heldDuringIo } from './held-during-io.ts'

const idle = (count: number, quietMs = 800) =>
  Array.from({ length: count }, () => holder({ activity: 'idle', quietMs }))
const busy = (inHand: number, working: number) =>
  groupWindow(
    { inUse: 8 },
    { holders: [...idle(inHand), ...Array.from({ length: working }, () => holder())] },
  )

holdRule(heldDuringIo, [
  ['is silent when half of the holders do something else', busy(2, 2), 'ok'],
  ['warns when more than half do', busy(3, 2), 'warn'],
  // 3 of 7 is 43 %, between 40 and 50.
  ['still warns at 43 %, once it warned', busy(3, 4), 'warn', 'warn'],
  ['clears at 40 %', busy(2, 3), 'ok', 'warn'],
  ['is silent when the pool is not busy', groupWindow({ inUse: 6 }, { holders: idle(6) }), 'ok'],
  [
    'takes a pause of less than 200 ms for part of the work',
    groupWindow({ inUse: 8 }, { holders: idle(8, 199) }),
    'ok',
  ],
  ['is silent with fewer than three holders', groupWindow({ inUse: 2, max: 2 }, { holders: idle(2) }), 'ok'],
  [
    'goes by the state of the session where the driver says nothing',
    groupWindow(
      { inUse: 8 },
      { holders: idle(8).map((one) => ({ ...one, activity: 'unknown' as const, sessionState: 'idle' })) },
    ),
    'warn',
  ],
  [
    'cannot tell when nothing is known of the holders',
    groupWindow(
      { inUse: 8 },
      { holders: idle(8).map((one) => ({ ...one, activity: 'unknown' as const, sessionState: null })) },
    ),
    'unknown',
  ],
  ['cannot tell without a limit', groupWindow({ max: null }), 'unknown'],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])
