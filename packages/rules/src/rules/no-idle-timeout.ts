import { fresh, idlesAtMostMs, isClientPool, unmeasured } from '../pools.ts'
import { fact, found, groupRule } from '../rule.ts'
import { duration } from '../words.ts'

/** Idle connections stay for ever. */
export const noIdleTimeout = groupRule({
  id: 'no-idle-timeout',
  title: 'Idle connections stay',
  severity: 'info',
  use: 'advice',
  about: 'The pool never closes connections that nobody uses.',
  settings: {},
  symptomOf: [],
  applies: isClientPool,
  evaluate(window) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const pools = fresh(window)
    // A pool that keeps all of its connections open on purpose needs none.
    const fixed = pools.every(({ min, max }) => min !== null && min === max)
    const limits = pools.map(idlesAtMostMs)
    const none = limits.filter((limit) => limit === null).length
    const longest = Math.max(0, ...limits.flatMap((limit) => limit ?? []))
    return found(
      none > 0 && !fixed ? 'warn' : 'ok',
      none > 0
        ? `Idle connections are never closed${fixed ? ', as the pool has one size' : ''}.`
        : `Idle connections are closed after ${duration(longest)}.`,
      [fact('idle time-out', none > 0 ? null : longest, 'ms'), fact('instances without', none)],
      'Set an idle time-out of seconds to minutes, so that a quiet service leaves room to others.',
    )
  },
})
