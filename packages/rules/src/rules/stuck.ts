import { fresh, isClientPool, isStill, of, unmeasured } from '../pools.ts'
import { fact, found, groupRule, ok } from '../rule.ts'
import { many } from '../words.ts'

/** Full, and nothing comes back: busy is not broken, stuck is. */
export const stuck = groupRule({
  id: 'stuck',
  title: 'Pool stuck',
  severity: 'critical',
  use: 'alert',
  about: 'An instance has every connection in use and nothing was handed out, so nothing came back either.',
  settings: { criticalForMs: 30_000 },
  symptomOf: ['leak', 'leak-slope', 'lock-blocked', 'idle-in-transaction', 'slow-statements', 'server-lost'],
  applies: isClientPool,
  evaluate(window) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const still = fresh(window).filter(isStill)
    const [pool] = still
    if (pool === undefined) return ok('Connections come back.')
    return found(
      'critical',
      `Nothing comes back${of(pool, window)}: all ${pool.max} connections are in use and none was handed out.`,
      [
        fact('stuck instances', still.length),
        fact('in use', pool.inUse),
        fact('max', pool.max),
        fact('waiting', pool.waiting),
      ],
      `${many(window.holders.length, 'holder')} can be seen with the code that asked: release there, in a finally block.`,
      window.holders,
    )
  },
})
