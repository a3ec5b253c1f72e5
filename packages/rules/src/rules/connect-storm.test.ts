import type { ServerNow } from '@poolscope/protocol'
import { holdRule } from '../../test/claims.ts'
import { group, serverWindow } from '../../test/windows.ts'
import { connectStorm } from './connect-storm.ts'

const opens = (createdPerSec: number, over: Partial<ServerNow> = {}) =>
  serverWindow(over, { groups: [group({ createdPerSec })] })

holdRule(connectStorm, [
  ['is silent at a tenth of the server each second', opens(10), 'ok'],
  ['warns above it', opens(11), 'warn'],
  ['still warns at 6, once it warned', opens(6), 'warn', 'warn'],
  ['clears at 5', opens(5), 'ok', 'warn'],
  ['is silent below five a second, however small the server', opens(4.9, { maxConnections: 10 }), 'ok'],
  [
    'adds all pools up',
    serverWindow({}, { groups: [group({ createdPerSec: 6 }), group({ createdPerSec: 6 })] }),
    'warn',
  ],
  [
    'cannot tell before a window has passed',
    serverWindow({}, { groups: [group({ createdPerSec: null })] }),
    'unknown',
  ],
  ['cannot tell without a limit', opens(50, { maxConnections: null }), 'unknown'],
])
