import { levelAbove } from '../limits.ts'
import { fresh, isClientPool, of, unmeasured, worstBy } from '../pools.ts'
import { fact, found, groupRule, ok } from '../rule.ts'
import { many } from '../words.ts'

/** Every connection is taken and somebody waits. */
export const exhaustion = groupRule({
  id: 'exhaustion',
  title: 'Pool exhausted',
  severity: 'critical',
  use: 'alert',
  about: 'An instance has every connection of its pool in use while callers wait for one.',
  settings: { criticalForMs: 10_000 },
  symptomOf: [
    'leak',
    'leak-slope',
    'stuck',
    'idle-in-transaction',
    'lock-blocked',
    'slow-statements',
    'held-during-io',
    'server-near-limit',
    'server-lost',
    'server-busy',
    'errors-after-failover',
    'retry-storm',
  ],
  applies: isClientPool,
  evaluate(window, _settings, before) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const full = fresh(window).filter(({ inUse, max }) => max !== null && inUse !== null && inUse >= max)
    const worst = worstBy(full, ({ waiting }) => waiting)
    if (worst === null || worst.value === 0) return ok('No instance is out of connections.')
    const { pool, value } = worst
    return found(
      levelAbove(value, before, { critical: { raise: 0, clear: 0 } }),
      `Out of connections${of(pool, window)}: ${pool.inUse} of ${pool.max} in use, ${many(value, 'caller')} waiting.`,
      [
        fact('in use', pool.inUse),
        fact('max', pool.max),
        fact('waiting', value),
        fact('oldest wait', pool.oldestWaitMs, 'ms'),
        fact('hold p95', pool.holdMs.p95, 'ms'),
      ],
      'Look at who holds the connections before raising max: a larger pool only delays a leak or a slow query.',
      window.holders,
    )
  },
})
