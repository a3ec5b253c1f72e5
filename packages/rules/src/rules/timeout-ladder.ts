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
    'The pool closes idle connections before its server does, by an idle time-out or a greatest age, and gives up waiting before the server ends a statement. Where `requestMs` and `balancerMs` tell after how long a request and the load balancer give up, which nobody can measure, these are held to the same order; 0 is not told.',
  settings: { requestMs: 0, balancerMs: 0 },
  symptomOf: [],
  applies: isClientPool,
  evaluate(window, { requestMs, balancerMs }) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const server = window.server === null || silent(window.server) !== null ? null : window.server
    const of = (name: string) => (server === null ? null : positive(detail(server, name)))
    const serverIdleMs = IDLE_LIMITS.map(of).find((ms) => ms !== null) ?? null
    const pools = fresh(window)
    const idle = pools.map(keptAtMostMs)
    const longestIdleMs = idle.includes(null) ? null : Math.max(...idle.flatMap((ms) => ms ?? []))
    const acquire = worstBy(pools, ({ acquireTimeoutMs }) => positive(acquireTimeoutMs))
    const rungs: readonly Rung[] = [
      ['acquire time-out', acquire?.value ?? null],
      ['server ends statements after', of('statement_timeout')],
      ['request gives up after', positive(requestMs)],
      ['load balancer gives up after', positive(balancerMs)],
    ]
    const facts = [
      fact('server closes idle after', serverIdleMs, 'ms'),
      fact('pool closes idle after', longestIdleMs, 'ms'),
      fact('kept open', worstBy(pools, ({ min }) => min)?.value ?? null),
      fact('greatest age', positive(pools[0]?.maxLifetimeMs ?? null), 'ms'),
      ...rungs.map(([name, ms]) => fact(name, ms, 'ms')),
    ]
    if (serverIdleMs !== null && (longestIdleMs === null || longestIdleMs >= serverIdleMs)) {
      return found(
        'warn',
        `The server closes connections that idle for ${duration(serverIdleMs)}, and the pool keeps them longer: callers get broken ones.`,
        facts,
        'Let the pool close idle connections well before the server does, or give them a greatest age below that, which also ends those that min keeps open.',
      )
    }
    const wrong = outOfOrder(rungs)
    if (wrong !== null) {
      const [[lower, lowerMs], [upper, upperMs]] = wrong
      return found(
        'warn',
        `Out of order: ${lower} ${duration(lowerMs)}, ${upper} ${duration(upperMs)}. Work goes on for callers that have gone.`,
        facts,
        'Keep the order: acquire time-out, then statement time-out, then the time-out of the request, then that of the load balancer.',
      )
    }
    if (server === null) return unknown('The settings of the server are not known.', ...facts)
    return ok('The time-outs of pool and server are in order, where they are known.', ...facts)
  },
})

/** A time-out that belongs below the next, by its name; null where it is off or not known. */
type Rung = readonly [name: string, ms: number | null]

/** The first two neighbours among those known of which the lower does not end before the upper. */
function outOfOrder(rungs: readonly Rung[]): [[string, number], [string, number]] | null {
  const known = rungs.flatMap(([name, ms]): [string, number][] => (ms === null ? [] : [[name, ms]]))
  for (const [at, upper] of known.entries()) {
    const lower = known[at - 1]
    if (lower !== undefined && lower[1] >= upper[1]) return [lower, upper]
  }
  return null
}

/** The longest that any connection of a pool may idle, ms; an idle time-out spares those that the pool keeps open. */
function keptAtMostMs(pool: PoolNow): number | null {
  return idlesAtMostMs(pool.min !== null && pool.min > 0 ? { ...pool, idleTimeoutMs: null } : pool)
}

/** Zero stands for none. */
function positive(ms: number | null): number | null {
  return ms === null || ms <= 0 ? null : ms
}
