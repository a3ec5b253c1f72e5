import { holdRule } from '../../test/claims.ts'
import { serverWindow } from '../../test/windows.ts'
import { reserve } from './reserve.ts'

holdRule(reserve, [
  ['is silent at a tenth', serverWindow({ pools: { count: 2, maxSum: 90 } }), 'ok'],
  ['speaks below it', serverWindow({ pools: { count: 2, maxSum: 91 } }), 'warn'],
  ['speaks when nothing is left', serverWindow({ pools: { count: 2, maxSum: 140 } }), 'warn'],
  ['cannot tell without pools', serverWindow({ pools: { count: 0, maxSum: 0 } }), 'unknown'],
  ['cannot tell without a limit', serverWindow({ maxConnections: null }), 'unknown'],
])
