import { type Claim, holdRule } from '../../test/claims.ts'
import { BLIND, groupWindow, NOW, server } from '../../test/windows.ts'
import type { GroupWindow } from '../windows.ts'
import { errorsAfterFailover } from './errors-after-failover.ts'

const up = (ms: number, errorsPerSec = 1) =>
  groupWindow({ errorsPerSec }, { server: server({ startedAtMs: NOW - ms }) })

holdRule(errorsAfterFailover, [
  ['is silent within 30 s of the restart', up(29_999), 'ok'],
  ['speaks from 30 s on', up(30_000), 'critical'],
  ['speaks for ten minutes', up(600_000), 'critical'],
  ['is silent later: it is no matter of the restart any more', up(600_001), 'ok'],
  ['is silent without errors', up(60_000, 0), 'ok', 'critical'],
  [
    'is silent while the server is down',
    groupWindow({ errorsPerSec: 1 }, { server: server({ state: 'unreachable' }) }),
    'ok',
  ],
  ['cannot tell without a watched server', groupWindow({ errorsPerSec: 1 }, { server: null }), 'unknown'],
  [
    'cannot tell when the server does not say',
    groupWindow({}, { server: server({ startedAtMs: null }) }),
    'unknown',
  ],
  ...BLIND.map(([when, window]): Claim<GroupWindow> => [`cannot tell ${when}`, window, 'unknown']),
])
