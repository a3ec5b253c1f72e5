import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow, series } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { leakSlope } from './leak-slope.ts'

/** Quarters of an hour, three steps of five minutes each. */
function slope(floors: number[], work = floors.map(() => 200)): GroupWindow {
  const thrice = (values: number[]) => values.flatMap((value) => [value, value, value])
  return groupWindow({}, { day: series({ inUseMin: thrice(floors), checkoutsPerSec: thrice(work) }) })
}

holdRule(leakSlope, [
  ['warns when the floor rises four times at equal work', slope([1, 2, 3, 4]), 'warn'],
  ['is silent when it rises only three times', slope([1, 2, 2, 3]), 'ok'],
  // 200 to 320 a second: 60 % more, above the 20 % that count as the same.
  ['is silent when the work grows as well', slope([1, 2, 3, 4], [200, 240, 280, 320]), 'ok'],
  ['warns when the work grows by a fifth', slope([1, 2, 3, 4], [200, 210, 230, 240]), 'warn'],
  ['clears when the floor falls', slope([2, 3, 4, 1]), 'ok', 'warn'],
  ['cannot tell before an hour has passed', slope([1, 2, 3]), 'unknown'],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])
