import { holdRule } from '../../test/claims.ts'
import { group, serverWindow } from '../../test/windows.ts'
import { poolInPool } from './pool-in-pool.ts'

const pools = (outer: number, inner: number | null) =>
  serverWindow(
    { system: 'pgbouncer' },
    { groups: [group({ max: outer }), group({ system: 'pgbouncer', origin: 'observed', max: inner })] },
  )

holdRule(poolInPool, [
  ['is silent at five to one', pools(50, 10), 'ok'],
  ['speaks above it', pools(51, 10), 'warn'],
  ['cannot tell without pools on both sides', serverWindow({ system: 'pgbouncer' }), 'unknown'],
  ['cannot tell without a size', pools(51, null), 'unknown'],
])
