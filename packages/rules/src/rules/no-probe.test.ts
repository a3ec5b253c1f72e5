import { holdRule } from '../../test/claims.ts'
import { groupWindow } from '../../test/windows.ts'
import { noProbe } from './no-probe.ts'

holdRule(noProbe, [
  ['speaks of a pool that is only seen', groupWindow({ origin: 'observed' }), 'warn'],
  ['is silent about one that is measured', groupWindow(), 'ok'],
])
