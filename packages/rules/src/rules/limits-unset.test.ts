import { holdRule } from '../../test/claims.ts'
import { serverWindow } from '../../test/windows.ts'
import { limitsUnset } from './limits-unset.ts'

holdRule(limitsUnset, [
  ['speaks when nobody has one', serverWindow(), 'warn'],
  [
    'is silent when somebody has',
    serverWindow({ limits: [{ kind: 'user', name: 'shop', used: 1, max: 10 }] }),
    'ok',
  ],
  ['cannot tell while it is not sampled', serverWindow({ state: 'unreachable' }), 'unknown'],
])
