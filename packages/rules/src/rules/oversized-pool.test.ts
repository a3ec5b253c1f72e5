import { holdRule } from '../../test/claims.ts'
import { groupWindow, server } from '../../test/windows.ts'
import { oversizedPool } from './oversized-pool.ts'

holdRule(oversizedPool, [
  ['is silent at half of the server', groupWindow({ max: 50 }), 'ok'],
  ['speaks above half', groupWindow({ max: 51 }), 'warn'],
  [
    'leaves the reserve out of what can be had',
    groupWindow({ max: 50 }, { server: server({ reservedConnections: 3 }) }),
    'warn',
  ],
  ['cannot tell without a watched server', groupWindow({}, { server: null }), 'unknown'],
  ['cannot tell without a limit', groupWindow({ max: null }), 'unknown'],
])
