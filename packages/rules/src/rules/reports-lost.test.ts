import { holdRule } from '../../test/claims.ts'
import { groupWindow, NOW } from '../../test/windows.ts'
import { reportsLost } from './reports-lost.ts'

holdRule(reportsLost, [
  ['warns when all are silent', groupWindow({ stale: true, atMs: NOW - 9000 }), 'warn'],
  ['clears when one reports', groupWindow(), 'ok', 'warn'],
])
