import { levelAbove } from '../limits.ts'
import { fact, found, serverRule, unknown } from '../rule.ts'
import { silent, usable } from '../servers.ts'
import { percent } from '../words.ts'

/** The server is about to refuse connections. */
export const serverNearLimit = serverRule({
  id: 'server-near-limit',
  title: 'Server near its limit',
  severity: 'critical',
  use: 'alert',
  about: 'Connections of the server against its limit less its reserve.',
  settings: {
    warnRatio: 0.8,
    warnClearRatio: 0.7,
    warnForMs: 300_000,
    criticalRatio: 0.9,
    criticalClearRatio: 0.85,
    criticalForMs: 60_000,
  },
  symptomOf: ['connect-storm'],
  applies: () => true,
  evaluate({ server }, settings, before) {
    const why = silent(server)
    if (why !== null) return unknown(why)
    const limit = usable(server)
    const { total } = server.connections
    if (limit === null || total === null || limit <= 0) return unknown('Its limit is not known.')
    const ratio = total / limit
    return found(
      levelAbove(ratio, before, {
        warn: { raise: settings.warnRatio, clear: settings.warnClearRatio },
        critical: { raise: settings.criticalRatio, clear: settings.criticalClearRatio },
      }),
      `${total} of ${limit} usable connections are taken (${percent(ratio)}).`,
      [
        fact('taken', total),
        fact('usable', limit),
        fact('ratio', ratio, 'ratio'),
        fact('idle', server.connections.idle),
      ],
      'Lower the pools that hold most idle connections, or put a pooler before the server; raising the limit costs memory.',
    )
  },
})
