import { holdRule } from '../../test/claims.ts'
import { serverWindow, session } from '../../test/windows.ts'
import { unnamedSessions } from './unnamed-sessions.ts'

holdRule(unnamedSessions, [
  [
    'speaks of one without a name',
    serverWindow({}, { sessions: [session(), session({ application: '' })] }),
    'warn',
  ],
  ['is silent when all have one', serverWindow({}, { sessions: [session()] }), 'ok'],
  ['cannot tell without sessions', serverWindow(), 'unknown'],
  ['cannot tell while it is not sampled', serverWindow({ state: 'unreachable' }), 'unknown'],
])
