import { levelAbove } from '../limits.ts'
import { fresh, isClientPool, of, unmeasured, worstBy } from '../pools.ts'
import { fact, found, groupRule, unknown } from '../rule.ts'
import { percent } from '../words.ts'

/** Little is left of the pool. In use against max, because a pool opens connections only as it needs them. */
export const utilization = groupRule({
  id: 'utilization',
  title: 'Pool nearly full',
  severity: 'critical',
  use: 'alert',
  about: 'In use against max, of the fullest instance.',
  settings: {
    warnRatio: 0.8,
    warnClearRatio: 0.7,
    warnForMs: 120_000,
    criticalRatio: 0.95,
    criticalClearRatio: 0.85,
    criticalForMs: 60_000,
  },
  symptomOf: [
    'exhaustion',
    'leak',
    'leak-slope',
    'stuck',
    'held-during-io',
    'slow-statements',
    'lock-blocked',
    'idle-in-transaction',
    'waiters',
  ],
  applies: isClientPool,
  evaluate(window, settings, before) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const fullest = worstBy(fresh(window), ({ utilizationRatio }) => utilizationRatio)
    if (fullest === null) return unknown('The pool has no limit that is known.')
    const { pool, value } = fullest
    const { warnRatio, warnClearRatio, criticalRatio, criticalClearRatio } = settings
    return found(
      levelAbove(value, before, {
        warn: { raise: warnRatio, clear: warnClearRatio },
        critical: { raise: criticalRatio, clear: criticalClearRatio },
      }),
      `${percent(value)} of the pool is in use${of(pool, window)}: ${pool.inUse} of ${pool.max}.`,
      [
        fact('utilization', value, 'ratio'),
        fact('in use', pool.inUse),
        fact('max', pool.max),
        fact('waiting', pool.waiting),
      ],
      'Shorten holds, or raise max if the database has room: the budget of the server says how far.',
      window.holders,
    )
  },
})
