import { describe, expect, it } from 'vitest'
import { holdRule } from '../../test/claims.ts'
import { groupWindow, judge, session } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { churn } from './churn.ts'

function young(below: number, above: number): GroupWindow {
  const of = (connectedMs: number) => session({ connectedMs })
  const sessions = [
    ...Array.from({ length: below }, () => of(999)),
    ...Array.from({ length: above }, () => of(1000)),
  ]
  return groupWindow({ origin: 'observed' }, { sessions })
}

describe('churn of nearly every use', () => {
  it('is called what it is', () => {
    expect(judge(churn, groupWindow({ createdPerSec: 60, checkoutsPerSec: 100 })).sentence).toContain(
      'Nearly every use',
    )
  })
})

holdRule(churn, [
  ['is silent at one in ten', groupWindow({ createdPerSec: 10, checkoutsPerSec: 100 }), 'ok'],
  ['warns above one in ten', groupWindow({ createdPerSec: 11, checkoutsPerSec: 100 }), 'warn'],
  [
    'still warns at 6 %, once it warned',
    groupWindow({ createdPerSec: 6, checkoutsPerSec: 100 }),
    'warn',
    'warn',
  ],
  ['clears at 5 %', groupWindow({ createdPerSec: 5, checkoutsPerSec: 100 }), 'ok', 'warn'],
  [
    'is silent below one a second, whatever the share',
    groupWindow({ createdPerSec: 0.9, checkoutsPerSec: 1 }),
    'ok',
  ],
  [
    'is silent while the pool is full',
    groupWindow({ createdPerSec: 50, checkoutsPerSec: 100, inUse: 10 }),
    'ok',
  ],
  ['warns of young sessions where no probe tells', young(3, 1), 'warn'],
  ['is silent when half of them are young', young(2, 2), 'ok'],
  ['cannot tell from three sessions', young(3, 0), 'unknown'],
  ['cannot tell when reports stopped', groupWindow({ stale: true }), 'unknown'],
  ['cannot tell before a window has passed', groupWindow({ createdPerSec: null }), 'unknown'],
])
