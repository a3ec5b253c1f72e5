import type { Statement } from '@poolscope/protocol'
import { holdRule } from '../../test/claims.ts'
import { group, serverWindow, session } from '../../test/windows.ts'
import { slowStatements } from './slow-statements.ts'

const ran = (over: Partial<Statement>, waiting = 1) =>
  serverWindow(
    {},
    {
      statements: [
        {
          id: 's',
          text: 'SELECT 1',
          user: null,
          database: null,
          calls: 20,
          totalMs: 1,
          meanMs: 1,
          p95Ms: null,
          maxMs: null,
          rows: null,
          shareRatio: 0.6,
          poolIds: [],
          ...over,
        },
      ],
      groups: [group({ waiting })],
    },
  )
const running = (stateMs: number, waiting: number) =>
  serverWindow(
    {},
    { sessions: [session({ state: 'active', waitEventType: null, stateMs })], groups: [group({ waiting })] },
  )

holdRule(slowStatements, [
  ['is silent about statements of a second', ran({ meanMs: 1000 }), 'ok'],
  ['warns of longer ones that take most of the time while callers wait', ran({ meanMs: 1001 }), 'warn'],
  ['is silent about them when nobody waits', ran({ meanMs: 1001 }, 0), 'ok', 'warn'],
  ['is silent when they take half of it', ran({ meanMs: 1001, shareRatio: 0.5 }), 'ok'],
  ['is silent about what ran 19 times', ran({ meanMs: 9000, calls: 19 }), 'ok'],
  ['is silent about a long report', running(900_000, 0), 'ok'],
  ['warns of one that runs while callers wait', running(60_001, 1), 'warn'],
  ['is silent when it has run for a minute', running(60_000, 1), 'ok'],
  ['cannot tell when the server does not', serverWindow({}, { statements: null }), 'unknown'],
  ['cannot tell while it is not sampled', serverWindow({ state: 'unreachable' }), 'unknown'],
])
