import type { PoolNow } from '@poolscope/protocol'
import { fresh, idlesAtMostMs, isClientPool, unmeasured, worstBy } from '../pools.ts'
import { fact, found, groupRule, ok, unknown } from '../rule.ts'
import { detail, silent } from '../servers.ts'
import { duration } from '../words.ts'

/** After how long each kind of server closes an idle connection by itself, by its own names. */
const IDLE_LIMITS = ['idle_session_timeout', 'wait_timeout', 'client_idle_timeout', 'timeout'] as const

/** Time-outs that belong below one another are not. */
export const timeoutLadder = groupRule({
  id: 'timeout-ladder',
  title: 'Time-outs in the wrong order',
  severity: 'info',
  use: 'advice',
  about:
    'The pool closes idle connections before its server does, by an idle time-out or a greatest age, and gives up waiting before the server ends a statement.',
  settings: {},
  symptomOf: [],
  applies: isClientPool,
  evaluate(window) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const { server } = window
    if (server === null || silent(server) !== null)
      return unknown('The settings of the server are not known.')
    const serverIdleMs =
      IDLE_LIMITS.map((name) => detail(server, name)).find((ms) => ms !== null && ms > 0) ?? null
    const statementMs = positive(detail(server, 'statement_timeout'))
    const pools = fresh(window)
    const idle = pools.map(keptAtMostMs)
    const longestIdleMs = idle.includes(null) ? null : Math.max(...idle.flatMap((ms) => ms ?? []))
    const acquire = pools.map(({ acquireTimeoutMs }) => positive(acquireTimeoutMs))
    const facts = [
      fact('server closes idle after', serverIdleMs, 'ms'),
      fact('pool closes idle after', longestIdleMs, 'ms'),
      fact('kept open', worstBy(pools, ({ min }) => min)?.value ?? null),
      fact('greatest age', positive(pools[0]?.maxLifetimeMs ?? null), 'ms'),
      fact('server ends statements after', statementMs, 'ms'),
      fact('acquire time-out', acquire[0] ?? null, 'ms'),
    ]
    if (serverIdleMs !== null && (longestIdleMs === null || longestIdleMs >= serverIdleMs)) {
      return found(
        'warn',
        `The server closes connections that idle for ${duration(serverIdleMs)}, and the pool keeps them longer: callers get broken ones.`,
        facts,
        'Let the pool close idle connections well before the server does, or give them a greatest age below that, which also ends those that min keeps open.',
      )
    }
    if (statementMs !== null && acquire.some((ms) => ms !== null && ms > statementMs)) {
      return found(
        'warn',
        'A caller may wait longer for a connection than any statement may run on it.',
        facts,
        'Keep the order: acquire time-out, then statement time-out, then the time-out of the request, then that of the load balancer.',
      )
    }
    return ok('The time-outs that can be seen stand in the right order.', ...facts)
  },
})

/** The longest that any connection of a pool may idle, ms; an idle time-out spares those that the pool keeps open. */
function keptAtMostMs(pool: PoolNow): number | null {
  return idlesAtMostMs(pool.min !== null && pool.min > 0 ? { ...pool, idleTimeoutMs: null } : pool)
}

/** Zero stands for none. */
function positive(ms: number | null): number | null {
  return ms === null || ms <= 0 ? null : ms
}
