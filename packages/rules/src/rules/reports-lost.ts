import { isClientPool, isProbed } from '../pools.ts'
import { fact, found, groupRule, ok } from '../rule.ts'
import { duration } from '../words.ts'

/** Nobody watches any more, which is not the same as all being well. */
export const reportsLost = groupRule({
  id: 'reports-lost',
  title: 'Reports stopped',
  severity: 'warn',
  use: 'alert',
  about: 'All instances of a pool went silent without ending it.',
  settings: { warnForMs: 60_000 },
  symptomOf: ['server-lost'],
  applies: (window) => isClientPool(window) && isProbed(window),
  evaluate({ atMs, group }) {
    if (!group.stale) return ok('Reports arrive.', fact('instances', group.instances))
    const silentMs = atMs - group.atMs
    return found(
      'warn',
      `No instance has reported for ${duration(silentMs)}.`,
      [fact('silent for', silentMs, 'ms'), fact('instances', group.instances)],
      'See whether the service runs and reaches the agent; a service that ends should end its pools.',
    )
  },
})
