import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow, series } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { idleAboveHalf } from './idle-above-half.ts'

/** A day in steps of five minutes; in the first `busy` of them nothing idled. */
function day(over: { idleMin?: number; inUsePeak?: number }, busy = 0, steps = 288): GroupWindow {
  const fill = (value: number, first = value) =>
    Array.from({ length: steps }, (_, i) => (i < busy ? first : value))
  const idleMin = fill(over.idleMin ?? 6, 0)
  return groupWindow({}, { day: series({ idleMin, inUsePeak: fill(over.inUsePeak ?? 4), max: fill(10) }) })
}

holdRule(idleAboveHalf, [
  ['speaks when most idled all day', day({}), 'warn'],
  ['is silent when half of it was once in use', day({ inUsePeak: 5 }), 'ok'],
  ['is silent when exactly half idled', day({ idleMin: 5 }), 'ok'],
  // 20 of 288 steps are 7 %, more than the 5 % that may differ.
  ['is silent when it was used for an hour and more', day({}, 20), 'ok'],
  ['speaks when it was used for ten minutes', day({}, 2), 'warn'],
  // Nine tenths of 288 steps are 259.2.
  ['cannot tell before a day has passed', day({}, 0, 259), 'unknown'],
  ['can tell from nine tenths of one', day({}, 0, 260), 'warn'],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])
