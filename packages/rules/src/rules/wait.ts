import { levelAbove, worst } from '../limits.ts'
import { fresh, isClientPool, of, unmeasured, worstBy } from '../pools.ts'
import { fact, found, groupRule, ok } from '../rule.ts'
import { duration, percent } from '../words.ts'

/** Getting a connection takes long, also for those who still wait. */
export const wait = groupRule({
  id: 'wait',
  title: 'Long waits',
  severity: 'critical',
  use: 'alert',
  about:
    'The 95th percentile of waits for a connection is long, or the oldest wait that still goes on nears the acquire time-out.',
  settings: {
    warnMs: 100,
    warnClearMs: 50,
    warnForMs: 300_000,
    criticalMs: 1000,
    criticalClearMs: 500,
    criticalTimeoutRatio: 0.5,
    criticalForMs: 30_000,
  },
  symptomOf: ['exhaustion', 'waiters', 'connect-storm', 'churn'],
  applies: isClientPool,
  evaluate(window, settings, before) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const slow = worstBy(fresh(window), ({ waitMs }) => waitMs.p95)
    const near = worstBy(fresh(window), ({ oldestWaitMs, acquireTimeoutMs }) =>
      oldestWaitMs === null || acquireTimeoutMs === null || acquireTimeoutMs === 0
        ? null
        : oldestWaitMs / acquireTimeoutMs,
    )
    if (slow === null && near === null) return ok('Nobody waited.')
    const { warnMs, warnClearMs, criticalMs, criticalClearMs, criticalTimeoutRatio } = settings
    const levels = [
      slow === null
        ? 'ok'
        : levelAbove(slow.value, before, {
            warn: { raise: warnMs, clear: warnClearMs },
            critical: { raise: criticalMs, clear: criticalClearMs },
          }),
      near !== null && near.value > criticalTimeoutRatio ? 'critical' : 'ok',
    ] as const
    const level = worst(levels)
    const late = levels[1] === 'critical' ? near : null
    const { pool } = (late ?? slow ?? near) as { pool: (typeof window.pools)[number] }
    return found(
      level,
      late !== null
        ? `A caller has waited for ${duration(pool.oldestWaitMs as number)}${of(pool, window)}, ${percent(late.value)} of the time-out.`
        : `Callers wait ${duration(pool.waitMs.p95 ?? 0)} at the 95th percentile${of(pool, window)}.`,
      [
        fact('wait p95', pool.waitMs.p95, 'ms'),
        fact('oldest wait', pool.oldestWaitMs, 'ms'),
        fact('acquire time-out', pool.acquireTimeoutMs, 'ms'),
        fact('in use', pool.inUse),
        fact('max', pool.max),
      ],
      'If holds are short and the database has room, raise max; if holds grew, find out what they wait for.',
      window.holders,
    )
  },
})
