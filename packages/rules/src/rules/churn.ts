import { levelAbove } from '../limits.ts'
import { isClientPool, isProbed } from '../pools.ts'
import { fact, found, groupRule, ok, unknown } from '../rule.ts'
import { percent, perSec } from '../words.ts'

/** Connections live too short; when nearly each use opens one, there is no pooling. */
export const churn = groupRule({
  id: 'churn',
  title: 'Connections are not reused',
  severity: 'warn',
  use: 'alert',
  about:
    'New connections against all handed out, while the pool has room; without a probe, sessions of less than a second.',
  settings: {
    warnRatio: 0.1,
    warnClearRatio: 0.05,
    leastPerSec: 1,
    noPoolingRatio: 0.5,
    youngMs: 1000,
    leastSessions: 4,
    warnForMs: 300_000,
  },
  symptomOf: ['errors', 'errors-after-failover', 'server-lost', 'connect-storm'],
  applies: isClientPool,
  evaluate(window, settings, before) {
    const { group, sessions } = window
    const limits = { warn: { raise: settings.warnRatio, clear: settings.warnClearRatio } }
    if (!isProbed(window)) {
      const ages = sessions.flatMap(({ connectedMs }) => connectedMs ?? [])
      if (ages.length < settings.leastSessions)
        return unknown('Too few sessions are seen to tell how long they live.')
      const young = ages.filter((age) => age < settings.youngMs).length / ages.length
      return found(
        levelAbove(young, before, {
          warn: { raise: settings.noPoolingRatio, clear: settings.noPoolingRatio / 2 },
        }),
        `${percent(young)} of the sessions are younger than a second.`,
        [fact('young sessions', young, 'ratio'), fact('sessions', ages.length)],
        'Open a pool once for the process and take connections from it.',
      )
    }
    const { createdPerSec, checkoutsPerSec, inUse, max } = group
    if (group.stale || createdPerSec === null || checkoutsPerSec === null)
      return unknown('Reports stopped, or just began.')
    if (createdPerSec < settings.leastPerSec)
      return ok('Connections are reused.', fact('opened', createdPerSec, 'perSec'))
    if (max !== null && inUse !== null && inUse >= max)
      return ok('The pool is full; what it opens, it needs.')
    const share = checkoutsPerSec === 0 ? 1 : createdPerSec / checkoutsPerSec
    return found(
      levelAbove(share, before, limits),
      share >= settings.noPoolingRatio
        ? `Nearly every use opens a connection of its own: ${perSec(createdPerSec)} opened, ${perSec(checkoutsPerSec)} used.`
        : `${percent(share)} of the uses open a new connection: ${perSec(createdPerSec)}.`,
      [
        fact('opened', createdPerSec, 'perSec'),
        fact('handed out', checkoutsPerSec, 'perSec'),
        fact('opened per use', share, 'ratio'),
        fact('create p95', group.createMs.p95, 'ms'),
      ],
      'Keep one pool for the process; let it keep idle connections longer, and as many as it usually needs (min, or max idle equal to max).',
    )
  },
})
