import { holdRule } from '../../test/claims.ts'
import { groupWindow } from '../../test/windows.ts'
import { poolerSaturated } from './pooler-saturated.ts'

const KEPT = { system: 'pgbouncer', origin: 'observed' } as const
const kept = (inUse: number, max: number | null = 10, waiting = 2) =>
  groupWindow({ ...KEPT, waiting, inUse, max })

holdRule(poolerSaturated, [
  ['is silent at 90 %', kept(9), 'ok'],
  ['warns above 90 %', kept(10), 'warn'],
  ['still warns at 85 %, once it warned', kept(17, 20), 'warn', 'warn'],
  ['clears at 80 %', kept(8), 'ok', 'warn'],
  ['is silent when full and nobody waits', kept(10, 10, 0), 'ok'],
  ['cannot tell without a size', kept(3, null), 'unknown'],
  ['cannot tell when samples stopped', groupWindow({ ...KEPT, stale: true }), 'unknown'],
])
