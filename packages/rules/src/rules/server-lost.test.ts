import { holdRule } from '../../test/claims.ts'
import { NOW, serverWindow } from '../../test/windows.ts'
import { serverLost } from './server-lost.ts'

holdRule(serverLost, [
  ['is silent when it answers', serverWindow(), 'ok', 'critical'],
  ['speaks when it does not', serverWindow({ state: 'unreachable' }), 'critical'],
  [
    'speaks when it refuses',
    serverWindow({
      state: 'refused',
      error: { code: 'connections_exhausted', message: 'Full.', sinceMs: NOW - 5000 },
    }),
    'critical',
  ],
  ['warns when the agent is not let in', serverWindow({ state: 'denied' }), 'warn'],
  ['warns when samples stopped', serverWindow({ stale: true }), 'warn'],
  ['cannot tell before the first sample', serverWindow({ state: 'connecting', atMs: null }), 'unknown'],
])
