import { fresh, isClientPool, unmeasured } from '../pools.ts'
import { fact, found, groupRule } from '../rule.ts'
import { duration } from '../words.ts'

/** Callers wait for ever. */
export const noAcquireTimeout = groupRule({
  id: 'no-acquire-timeout',
  title: 'No limit on waiting',
  severity: 'info',
  use: 'advice',
  about:
    'Callers of the pool wait for a connection without any limit, or for longer than somebody would wait for them.',
  settings: { longestMs: 30_000 },
  symptomOf: [],
  applies: isClientPool,
  evaluate(window, { longestMs }) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const limits = fresh(window).map(({ acquireTimeoutMs }) => acquireTimeoutMs)
    const none = limits.filter((limit) => limit === null || limit === 0).length
    const longest = Math.max(0, ...limits.flatMap((limit) => limit ?? []))
    const { system } = window.group
    return found(
      none > 0 || longest > longestMs ? 'warn' : 'ok',
      none > 0
        ? 'A caller waits for a connection without limit.'
        : `A caller waits for a connection for at most ${duration(longest)}.`,
      [fact('acquire time-out', none > 0 ? null : longest, 'ms'), fact('instances without', none)],
      system === 'mysql' || system === 'mariadb'
        ? 'mysql2 has no acquire time-out and ignores acquireTimeout: set queueLimit, and race getConnection against a timer.'
        : 'Set an acquire time-out of a few seconds, below the time-out of the request: an error that comes early can be answered.',
    )
  },
})
