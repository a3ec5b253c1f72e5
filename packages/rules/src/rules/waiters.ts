import { levelAbove, worst } from '../limits.ts'
import { fresh, isClientPool, of, unmeasured, worstBy } from '../pools.ts'
import { fact, found, groupRule, unknown } from '../rule.ts'
import { many } from '../words.ts'

/** Callers queue, for longer than a moment. */
export const waiters = groupRule({
  id: 'waiters',
  title: 'Callers wait',
  severity: 'critical',
  use: 'alert',
  about: 'Callers wait for a connection without a break, or many do at once in one instance.',
  settings: { warnForMs: 60_000, critical: 10, criticalClear: 5, criticalForMs: 30_000 },
  symptomOf: ['exhaustion', 'connect-storm', 'churn'],
  applies: isClientPool,
  evaluate(window, settings, before) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const most = worstBy(fresh(window), ({ waiting }) => waiting)
    if (most === null) return unknown('How many wait is not known.')
    const { pool, value } = most
    const level = worst([
      levelAbove(value, before, { warn: { raise: 0, clear: 0 } }),
      levelAbove(value, before, { critical: { raise: settings.critical, clear: settings.criticalClear } }),
    ])
    return found(
      level,
      value === 0 ? 'Nobody waits.' : `${many(value, 'caller waits', 'callers wait')}${of(pool, window)}.`,
      [
        fact('waiting', value),
        fact('oldest wait', pool.oldestWaitMs, 'ms'),
        fact('in use', pool.inUse),
        fact('max', pool.max),
      ],
      'See what the holders do: shorten what they do with a connection, then size the pool by the calculator.',
      window.holders,
    )
  },
})
