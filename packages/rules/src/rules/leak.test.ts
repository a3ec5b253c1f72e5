import type { Holder } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow, holder, judge, NOW } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { leak } from './leak.ts'

const SUSPECT: Partial<Holder> & { suspectedSinceMs: number } = {
  activity: 'idle',
  heldMs: 40_000,
  suspectedSinceMs: NOW - 10,
  stack: ['buy (src/buy.ts:7:9)'],
}
/** As a sender reports it that does not know what runs. */
const OLD: Partial<Holder> = { heldMs: 31_000, quietMs: null, activity: 'unknown' }

function held(...given: Partial<Holder>[]): GroupWindow {
  return groupWindow({}, { holders: given.map(holder) })
}

describe('what a leak says', () => {
  it('names the frame of the application, below those of libraries', () => {
    const stack = ['connect (/app/node_modules/pg-pool/index.js:1:1)', 'async buy (/app/src/buy.ts:7:9)']
    const finding = judge(leak, held({ ...SUSPECT, stack }))
    expect(finding.sentence).toContain('taken at async buy (/app/src/buy.ts:7:9)')
    expect(finding.evidence.holders).toMatchObject([{ sessionPid: 100, stack }])
  })

  it('says that the place is not known where stacks are sampled', () => {
    expect(judge(leak, held({ ...SUSPECT, stack: null })).sentence).toContain('not known yet')
  })
})

holdRule(leak, [
  ['is silent when connections work', held({}), 'ok'],
  [
    'is silent about a report that runs for an hour',
    held({ activity: 'running', quietMs: 3_600_000, heldMs: 3_600_000 }),
    'ok',
  ],
  [
    'is silent about one that waits for a lock',
    held({ activity: 'blocked', quietMs: 90_000, heldMs: 90_000 }),
    'ok',
  ],
  ['warns of one that was collected as garbage', held({ activity: 'gone' }), 'warn'],
  [
    'believes what the agent learned of the pool: no suspect',
    held({ activity: 'idle', quietMs: 90_000, heldMs: 90_000, suspectedSinceMs: null }),
    'ok',
  ],
  [
    'believes what the agent learned of the pool: a suspect',
    held({ activity: 'idle', quietMs: 9000, heldMs: 9000, suspectedSinceMs: NOW - 10 }),
    'warn',
  ],
  [
    'is critical after five minutes',
    held({ activity: 'idle', heldMs: 400_000, suspectedSinceMs: NOW - 300_000 }),
    'critical',
  ],
  [
    'is not critical just before',
    held({ activity: 'idle', heldMs: 400_000, suspectedSinceMs: NOW - 299_999 }),
    'warn',
  ],
  ['is critical when one place holds two', held(SUSPECT, SUSPECT), 'critical'],
  [
    'is a warning when two places hold one each',
    held(SUSPECT, { ...SUSPECT, stack: ['pay (src/pay.ts:3:1)'] }),
    'warn',
  ],
  [
    'does not take two unknown places for one',
    held({ ...SUSPECT, stack: null }, { ...SUSPECT, stack: null }),
    'warn',
  ],
  ['clears when they come back', held(), 'ok', 'critical'],
  ['cannot tell of a long hold when nothing says what runs', held(OLD), 'unknown'],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])
