import { levelAbove } from '../limits.ts'
import { fact, found, ok, serverRule, unknown } from '../rule.ts'
import { isDatabase, silent } from '../servers.ts'
import { percent } from '../words.ts'

/** A user or a database is about to be refused, while the server has room. */
export const limitsNear = serverRule({
  id: 'limits-near',
  title: 'Near the limit of a user or database',
  severity: 'critical',
  use: 'alert',
  about: 'Connections of a user or of a database against their own limits.',
  settings: {
    warnRatio: 0.8,
    warnClearRatio: 0.7,
    warnForMs: 300_000,
    criticalRatio: 0.95,
    criticalClearRatio: 0.85,
    criticalForMs: 60_000,
    leastMax: 5,
  },
  symptomOf: ['leak', 'connect-storm'],
  needs: ['limits'],
  applies: ({ server }) => isDatabase(server) || server.system === 'pgbouncer',
  evaluate({ server }, settings, before) {
    const why = silent(server)
    if (why !== null) return unknown(why)
    // Limits of a few connections, as monitors have, are full by design.
    const limits = server.limits.filter(({ max }) => max >= settings.leastMax)
    if (limits.length === 0) return ok('No user and no database has a limit to reach.')
    const used = limits.flatMap((limit) =>
      limit.used === null ? [] : [{ ...limit, ratio: limit.used / limit.max }],
    )
    const fullest = used.sort((a, b) => b.ratio - a.ratio)[0]
    if (fullest === undefined) return unknown('What is used of the limits is not known.')
    return found(
      levelAbove(fullest.ratio, before, {
        warn: { raise: settings.warnRatio, clear: settings.warnClearRatio },
        critical: { raise: settings.criticalRatio, clear: settings.criticalClearRatio },
      }),
      `The ${fullest.kind} ${fullest.name} has ${fullest.used} of its ${fullest.max} connections (${percent(fullest.ratio)}).`,
      [fact('used', fullest.used), fact('limit', fullest.max), fact(fullest.kind, fullest.name, 'text')],
      'Keep the sum of the pools that sign in as this user below its limit, or raise the limit.',
    )
  },
})
