import { fresh, isClientPool, of, unmeasured, worstBy } from '../pools.ts'
import { fact, found, groupRule, ok, unknown } from '../rule.ts'
import { duration, perSec } from '../words.ts'

/** The server is back, and the pool still hands out what broke. */
export const errorsAfterFailover = groupRule({
  id: 'errors-after-failover',
  title: 'Errors after a restart of the server',
  severity: 'critical',
  use: 'alert',
  about:
    'The server restarted or another took over, it answers again, and connections of the pool still fail.',
  settings: { graceMs: 30_000, untilMs: 600_000, criticalForMs: 5000 },
  symptomOf: ['server-lost'],
  applies: isClientPool,
  evaluate(window, settings) {
    const blind = unmeasured(window)
    if (blind !== null) return blind
    const { server } = window
    if (server === null || server.startedAtMs === null)
      return unknown('When the server started is not known.')
    const upMs = window.atMs - server.startedAtMs
    if (server.state !== 'up' || upMs < settings.graceMs || upMs > settings.untilMs) {
      return ok('The server did not restart lately.', fact('server up', upMs, 'ms'))
    }
    const worst = worstBy(fresh(window), ({ errorsPerSec }) => errorsPerSec)
    if (worst === null || worst.value === 0) return ok('The pool recovered from the restart of the server.')
    return found(
      'critical',
      `The server has been up again for ${duration(upMs)}, and connections still fail${of(worst.pool, window)}: ${perSec(worst.value)}.`,
      [fact('errors', worst.value, 'perSec'), fact('server up', upMs, 'ms')],
      'Let the pool check connections before it hands them out or drop them on an error, limit their age, and retry what was not started.',
    )
  },
})
