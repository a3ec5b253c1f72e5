import { levelAbove } from '../limits.ts'
import { isKept } from '../pools.ts'
import { fact, found, groupRule, ok, unknown } from '../rule.ts'
import { duration, many } from '../words.ts'

/** Clients of a pooler wait for a server connection; they count from the moment they ask. */
export const poolerWait = groupRule({
  id: 'pooler-wait',
  title: 'Clients wait in the pooler',
  severity: 'critical',
  use: 'alert',
  about: 'How long the client has waited that has waited longest for a server connection of the pooler.',
  settings: {
    warnMs: 1000,
    warnClearMs: 500,
    warnForMs: 10_000,
    criticalMs: 15_000,
    criticalClearMs: 5000,
    criticalForMs: 10_000,
  },
  symptomOf: ['server-lost', 'server-near-limit', 'lock-blocked', 'slow-statements', 'idle-in-transaction'],
  applies: isKept,
  evaluate({ group }, settings, before) {
    if (group.stale) return unknown('Samples of the pooler stopped.')
    if (group.waiting === 0) return ok('No client waits.')
    if (group.oldestWaitMs === null) return unknown('How long clients wait is not known.')
    return found(
      levelAbove(group.oldestWaitMs, before, {
        warn: { raise: settings.warnMs, clear: settings.warnClearMs },
        critical: { raise: settings.criticalMs, clear: settings.criticalClearMs },
      }),
      `${many(group.waiting as number, 'client waits', 'clients wait')} in the pooler, the longest for ${duration(group.oldestWaitMs)}.`,
      [
        fact('oldest wait', group.oldestWaitMs, 'ms'),
        fact('waiting', group.waiting),
        fact('server connections in use', group.inUse),
        fact('pool size', group.max),
      ],
      'Shorten transactions, or raise pool_size if the database has cores to spare.',
    )
  },
})
