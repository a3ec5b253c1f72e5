import { fresh, isClientPool, of, unmeasured, worstBy } from '../pools.ts'
import { fact, found, groupRule, ok, unknown } from '../rule.ts'
import { perSec } from '../words.ts'

/** Callers get an error instead of a connection. */
export const errors = groupRule({
  id: 'errors',
  title: 'Connections fail',
  severity: 'critical',
  use: 'alert',
  about: 'Callers get another error than a time-out when they ask for a connection.',
  settings: { criticalForMs: 10_000 },
  symptomOf: ['server-lost', 'server-near-limit', 'errors-after-failover', 'limits-near'],
  applies: isClientPool,
  evaluate(window) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const worst = worstBy(fresh(window), ({ errorsPerSec }) => errorsPerSec)
    if (worst === null) return unknown('Whether connections fail is not known yet.')
    const { pool, value } = worst
    if (value === 0) return ok('No connection failed.')
    return found(
      'critical',
      `Connections fail${of(pool, window)}: ${perSec(value)}.`,
      [
        fact('errors', value, 'perSec'),
        fact('handed out', pool.checkoutsPerSec, 'perSec'),
        fact('server', window.server?.state ?? null, 'text'),
      ],
      'The log of the service has the error: credentials, a limit of the role or the database, the network, or a server that is down.',
    )
  },
})
