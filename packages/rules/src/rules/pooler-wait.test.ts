import { holdRule } from '../../test/claims.ts'
import { groupWindow } from '../../test/windows.ts'
import { poolerWait } from './pooler-wait.ts'

const KEPT = { system: 'pgbouncer', origin: 'observed' } as const
const kept = (oldestWaitMs: number | null) => groupWindow({ ...KEPT, waiting: 2, oldestWaitMs })

holdRule(poolerWait, [
  ['is silent at a second', kept(1000), 'ok'],
  ['warns above a second', kept(1001), 'warn'],
  ['still warns at 600 ms, once it warned', kept(600), 'warn', 'warn'],
  ['clears at half a second', kept(500), 'ok', 'warn'],
  ['is critical above 15 s', kept(15_001), 'critical'],
  ['is not critical at 15 s', kept(15_000), 'warn'],
  ['clears when nobody waits', groupWindow({ ...KEPT, waiting: 0 }), 'ok', 'critical'],
  ['cannot tell when the pooler does not', kept(null), 'unknown'],
  ['cannot tell when samples stopped', groupWindow({ ...KEPT, stale: true }), 'unknown'],
])
