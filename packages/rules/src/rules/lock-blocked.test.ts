import { holdRule } from '../../test/claims.ts'
import { serverWindow, session } from '../../test/windows.ts'
import { lockBlocked } from './lock-blocked.ts'

const locked = (stateMs: number, count = 1) =>
  serverWindow(
    {},
    {
      sessions: Array.from({ length: count }, () =>
        session({ state: 'active', waitEventType: 'Lock', stateMs }),
      ),
    },
  )

holdRule(lockBlocked, [
  ['is silent when nobody waits', serverWindow({}, { sessions: [session()] }), 'ok', 'warn'],
  ['is silent at a minute', locked(60_000), 'ok'],
  ['warns above a minute', locked(60_001), 'warn'],
  ['still warns at 31 s, once it warned', locked(30_001), 'warn', 'warn'],
  ['clears at 30 s', locked(30_000), 'ok', 'warn'],
  ['is silent about five that wait for a moment', locked(1, 5), 'ok'],
  ['warns of six', locked(1, 6), 'warn'],
  [
    'cannot tell when sessions may not be read',
    serverWindow({}, { sessions: [session({ state: 'unknown' })] }),
    'unknown',
  ],
  ['cannot tell while it is not sampled', serverWindow({ state: 'unreachable' }), 'unknown'],
])
