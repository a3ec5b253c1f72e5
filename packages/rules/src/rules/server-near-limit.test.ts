import type { ServerNow } from '@poolscope/protocol'
import { holdRule } from '../../test/claims.ts'
import { serverWindow } from '../../test/windows.ts'
import { serverNearLimit } from './server-near-limit.ts'

const taken = (total: number, over: Partial<ServerNow> = {}) =>
  serverWindow({
    connections: { active: 1, idle: total - 1, idleInTransaction: 0, other: 0, total },
    ...over,
  })

holdRule(serverNearLimit, [
  ['is silent at 80 %', taken(80), 'ok'],
  ['warns above 80 %', taken(81), 'warn'],
  ['still warns at 71 %, once it warned', taken(71), 'warn', 'warn'],
  ['clears at 70 %', taken(70), 'ok', 'warn'],
  ['is critical above 90 %', taken(91), 'critical'],
  ['is not critical at 90 %', taken(90), 'warn'],
  ['stays critical until 85 %', taken(86), 'critical', 'critical'],
  // 78 of the 97 that are left are 80.4 %.
  ['leaves the reserve out of what can be had', taken(78, { reservedConnections: 3 }), 'warn'],
  ['cannot tell without a limit', taken(50, { maxConnections: null }), 'unknown'],
  ['cannot tell while it is not sampled', serverWindow({ state: 'unreachable' }), 'unknown'],
])
