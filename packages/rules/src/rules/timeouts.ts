import { fresh, isClientPool, of, unmeasured, worstBy } from '../pools.ts'
import { fact, found, groupRule, ok, unknown } from '../rule.ts'
import { duration, percent, perSec } from '../words.ts'

/** Callers give up without a connection. */
export const timeouts = groupRule({
  id: 'timeouts',
  title: 'Callers time out',
  severity: 'critical',
  use: 'alert',
  about: 'Callers give up waiting for a connection; critical when they are a share of all that ask.',
  settings: { warnForMs: 5000, criticalRatio: 0.01, criticalForMs: 5000 },
  symptomOf: [
    'exhaustion',
    'waiters',
    'wait',
    'leak',
    'leak-slope',
    'stuck',
    'server-lost',
    'server-near-limit',
    'connect-storm',
    'retry-storm',
  ],
  applies: isClientPool,
  evaluate(window, settings) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const worst = worstBy(fresh(window), ({ timeoutsPerSec }) => timeoutsPerSec)
    if (worst === null) return unknown('Whether callers time out is not known yet.')
    const { pool, value } = worst
    if (value === 0) return ok('No caller gave up.')
    const asked = pool.checkoutsPerSec === null ? null : pool.checkoutsPerSec + value
    const share = asked === null ? null : value / asked
    const shown = share === null ? '' : `, ${percent(share)} of those that ask`
    return found(
      share !== null && share >= settings.criticalRatio ? 'critical' : 'warn',
      `Callers give up waiting${of(pool, window)}: ${perSec(value)}${shown}.`,
      [
        fact('time-outs', value, 'perSec'),
        fact('share of callers', share, 'ratio'),
        fact('acquire time-out', pool.acquireTimeoutMs, 'ms'),
        fact('in use', pool.inUse),
        fact('max', pool.max),
      ],
      pool.acquireTimeoutMs !== null && pool.acquireTimeoutMs < 1000
        ? `The acquire time-out of ${duration(pool.acquireTimeoutMs)} is short; see first who holds the connections.`
        : 'See who holds the connections; a longer time-out would only lengthen the queue.',
      window.holders,
    )
  },
})
