import { holdRule } from '../../test/claims.ts'
import { serverWindow, session, settingsOf } from '../../test/windows.ts'
import { noStatementTimeout } from './no-statement-timeout.ts'

const runs = (stateMs: number) =>
  serverWindow(settingsOf({ statement_timeout: 0 }), { sessions: [session({ state: 'active', stateMs })] })

holdRule(noStatementTimeout, [
  ['is silent with one', serverWindow(settingsOf({ statement_timeout: 5000 })), 'ok'],
  ['speaks when there is none and something has run for a minute', runs(60_000), 'warn'],
  [
    'cannot tell when there is none and nothing runs for long: pools may set their own',
    runs(59_999),
    'unknown',
  ],
  ['cannot tell while it is not sampled', serverWindow({ state: 'unreachable' }), 'unknown'],
])
