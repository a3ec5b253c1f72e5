import { describe, expect, it } from 'vitest'
import { holderOf } from '../live/fake-holder.ts'
import { blockingChain } from './blocking-chain.ts'

const holder = (sessionPid: number, blocker: number | null) =>
  holderOf(sessionPid, {
    stack: ['take (/app/take.ts:1:1)'],
    lastStatement: 'UPDATE stock',
    blockedBy:
      blocker === null ? null : { sessionPid: blocker, poolId: null, service: 'billing', stack: null },
  })

describe(blockingChain, () => {
  it('is nothing where nobody is blocked', () => {
    expect(blockingChain([holder(1, null)])).toBeNull()
    expect(blockingChain([])).toBeNull()
  })

  it('begins with whom nobody blocks, known or not, and leaves the others out', () => {
    const chain = blockingChain([holder(3, 2), holder(2, 9), holder(4, 2), holder(7, null)])
    expect(chain?.nodes.map(({ pid, depth, row }) => [pid, depth, row])).toEqual([
      [9, 0, 0],
      [2, 1, 0],
      [3, 2, 0],
      [4, 2, 1],
    ])
    expect(chain?.edges).toContainEqual({ from: 2, to: 3 })
    expect(chain?.nodes[0]).toMatchObject({ service: 'billing', groupId: null, site: null })
    expect(chain?.nodes[2]).toMatchObject({ groupId: 'shop.main', site: 'take (/app/take.ts:1:1)' })
  })

  it('comes to an end where sessions block each other', () => {
    const chain = blockingChain([holder(1, 2), holder(2, 1)])
    expect(chain?.nodes).toHaveLength(2)
    expect(chain?.edges).toHaveLength(2)
  })
})
