import { holdRule } from '../../test/claims.ts'
import { groupWindow, holder, session } from '../../test/windows.ts'
import { idleInTransaction } from './idle-in-transaction.ts'

const seen = (stateMs: number) =>
  groupWindow({}, { sessions: [session({ state: 'idle in transaction', stateMs })] })

holdRule(idleInTransaction, [
  ['is silent at 10 s', seen(10_000), 'ok'],
  ['warns above 10 s', seen(10_001), 'warn'],
  ['still warns at 9 s, once it warned', seen(9000), 'warn', 'warn'],
  ['clears at 8 s', seen(8000), 'ok', 'warn'],
  ['is critical above a minute', seen(60_001), 'critical'],
  ['is not critical at a minute', seen(60_000), 'warn'],
  ['stays critical until 45 s', seen(45_001), 'critical', 'critical'],
  [
    'sees it without the server, as the driver does',
    groupWindow({}, { holders: [holder({ activity: 'idle_in_transaction', quietMs: 20_000 })] }),
    'warn',
  ],
  ['is silent when transactions are short', groupWindow({}, { sessions: [session()] }), 'ok'],
  ['is silent when nothing is in use', groupWindow({ inUse: 0 }), 'ok'],
  ['cannot tell when neither server nor driver says', groupWindow({ inUse: 2 }), 'unknown'],
  [
    'cannot tell when sessions may not be read',
    groupWindow({}, { sessions: [session({ state: 'unknown' })] }),
    'unknown',
  ],
])
