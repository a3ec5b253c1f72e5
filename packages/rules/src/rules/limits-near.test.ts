import { holdRule } from '../../test/claims.ts'
import { serverWindow } from '../../test/windows.ts'
import { limitsNear } from './limits-near.ts'

const used = (count: number | null, max = 10) =>
  serverWindow({ limits: [{ kind: 'user', name: 'shop', used: count, max }] })

holdRule(limitsNear, [
  ['is silent at 80 %', used(8), 'ok'],
  ['warns above 80 %', used(9), 'warn'],
  ['still warns at 71 %, once it warned', used(71, 100), 'warn', 'warn'],
  ['is critical above 95 %', used(10), 'critical'],
  ['is not critical at 95 %', used(95, 100), 'warn'],
  ['stays critical until 85 %', used(86, 100), 'critical', 'critical'],
  ['leaves out limits of a few connections', used(4, 4), 'ok'],
  ['is silent without limits', serverWindow(), 'ok'],
  ['cannot tell what is used', used(null), 'unknown'],
  ['cannot tell while it is not sampled', serverWindow({ state: 'unreachable' }), 'unknown'],
])
