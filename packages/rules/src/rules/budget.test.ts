import type { ServerNow } from '@poolscope/protocol'
import { holdRule } from '../../test/claims.ts'
import { group, serverWindow } from '../../test/windows.ts'
import { budget } from './budget.ts'

const sums = (maxSum: number, over: Partial<ServerNow> = {}) =>
  serverWindow({ pools: { count: 3, maxSum }, ...over })

holdRule(budget, [
  ['is silent when the sum is the limit', sums(100), 'ok'],
  ['warns when it is more', sums(101), 'warn'],
  ['leaves the reserve out of what can be had', sums(100, { reservedConnections: 3 }), 'warn'],
  ['is silent when half is kept open', serverWindow({}, { groups: [group({ min: 50 })] }), 'ok'],
  ['warns when more is', serverWindow({}, { groups: [group({ min: 51 })] }), 'warn'],
  ['cannot tell without pools', serverWindow({ pools: { count: 0, maxSum: 0 } }), 'unknown'],
  ['cannot tell without a limit', sums(10, { maxConnections: null }), 'unknown'],
  ['cannot tell when a pool has none', serverWindow({ pools: { count: 2, maxSum: null } }), 'unknown'],
])
