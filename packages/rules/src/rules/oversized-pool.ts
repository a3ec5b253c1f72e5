import { isClientPool, isProbed } from '../pools.ts'
import { fact, found, groupRule, unknown } from '../rule.ts'
import { usable } from '../servers.ts'
import { percent } from '../words.ts'

/** One pool group could take the server for itself. */
export const oversizedPool = groupRule({
  id: 'oversized-pool',
  title: 'Pool can take the server',
  severity: 'warn',
  use: 'advice',
  about: 'The sum of max over the instances of one pool, against what its server lets ordinary users have.',
  settings: { warnRatio: 0.5 },
  symptomOf: [],
  applies: (window) => isClientPool(window) && isProbed(window),
  evaluate({ group, server }, { warnRatio }) {
    const limit = server === null ? null : usable(server)
    if (limit === null || group.max === null) {
      return unknown('The limit of the pool or of its server is not known.')
    }
    const share = limit <= 0 ? 1 : group.max / limit
    return found(
      share > warnRatio ? 'warn' : 'ok',
      `The pool may open ${group.max} of the ${limit} connections of its server (${percent(share)}).`,
      [
        fact('max', group.max),
        fact('usable', limit),
        fact('share', share, 'ratio'),
        fact('instances', group.instances),
      ],
      'Divide what the server allows among all services and instances; a database works best with few busy connections.',
    )
  },
})
