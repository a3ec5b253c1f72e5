import { levelAbove } from '../limits.ts'
import { isKept } from '../pools.ts'
import { fact, found, groupRule, ok, unknown } from '../rule.ts'
import { many } from '../words.ts'

/** All server connections of a pooler's pool are busy while clients queue: the pool there is the narrow place. */
export const poolerSaturated = groupRule({
  id: 'pooler-saturated',
  title: 'Pooler is the bottleneck',
  severity: 'warn',
  use: 'alert',
  about: 'Server connections in use against the size of a pool of the pooler, while clients wait.',
  settings: { warnRatio: 0.9, warnClearRatio: 0.8, warnForMs: 30_000 },
  symptomOf: [
    'pooler-wait',
    'server-lost',
    'server-near-limit',
    'lock-blocked',
    'slow-statements',
    'idle-in-transaction',
  ],
  applies: isKept,
  evaluate({ group }, { warnRatio, warnClearRatio }, before) {
    if (group.stale) return unknown('Samples of the pooler stopped.')
    if (group.utilizationRatio === null) return unknown('The size of the pool is not known.')
    if (group.waiting === 0) return ok('No client waits.')
    return found(
      levelAbove(group.utilizationRatio, before, { warn: { raise: warnRatio, clear: warnClearRatio } }),
      `${group.inUse} of ${group.max} server connections are in use while ${many(group.waiting as number, 'client waits', 'clients wait')}.`,
      [
        fact('utilization', group.utilizationRatio, 'ratio'),
        fact('in use', group.inUse),
        fact('pool size', group.max),
        fact('waiting', group.waiting),
      ],
      'Raise pool_size or add a reserve if the database has room; else shorten transactions.',
    )
  },
})
