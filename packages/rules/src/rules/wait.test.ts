import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { wait } from './wait.ts'

const p95 = (ms: number | null) => ({ waitMs: { p50: ms, p95: ms, p99: ms, max: ms } })

holdRule(wait, [
  ['is silent at 100 ms', groupWindow(p95(100)), 'ok'],
  ['warns above 100 ms', groupWindow(p95(101)), 'warn'],
  ['still warns at 51 ms, once it warned', groupWindow(p95(51)), 'warn', 'warn'],
  ['clears at 50 ms', groupWindow(p95(50)), 'ok', 'warn'],
  ['is critical above a second', groupWindow(p95(1001)), 'critical'],
  ['is not critical at a second', groupWindow(p95(1000)), 'warn'],
  ['stays critical above 500 ms', groupWindow(p95(501)), 'critical', 'critical'],
  // Half of the 3,000 ms of the time-out.
  [
    'is critical when somebody has waited for more than half of the time-out',
    groupWindow({ ...p95(null), oldestWaitMs: 1501 }),
    'critical',
  ],
  [
    'is silent when somebody has waited for half of it',
    groupWindow({ ...p95(null), oldestWaitMs: 1500 }),
    'ok',
  ],
  ['is silent when nobody waited', groupWindow(p95(null)), 'ok'],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])
