import { levelAbove } from '../limits.ts'
import { fact, found, serverRule, unknown } from '../rule.ts'
import { isDatabase, silent, usable } from '../servers.ts'
import { percent } from '../words.ts'

/** More statements run at once than any machine has cores for. */
export const serverBusy = serverRule({
  id: 'server-busy',
  title: 'Server saturated',
  severity: 'warn',
  use: 'alert',
  about: 'Sessions that run a statement, against the limit of connections.',
  settings: { warnRatio: 0.6, warnClearRatio: 0.5, warnForMs: 120_000 },
  symptomOf: ['lock-blocked', 'slow-statements'],
  applies: ({ server }) => isDatabase(server),
  evaluate({ server }, { warnRatio, warnClearRatio }, before) {
    const why = silent(server)
    if (why !== null) return unknown(why)
    const limit = usable(server)
    const { active } = server.connections
    if (limit === null || active === null || limit <= 0)
      return unknown('How many sessions work is not known.')
    const ratio = active / limit
    return found(
      levelAbove(ratio, before, { warn: { raise: warnRatio, clear: warnClearRatio } }),
      `${active} of ${limit} possible sessions run a statement at once (${percent(ratio)}).`,
      [fact('active', active), fact('usable', limit), fact('ratio', ratio, 'ratio')],
      'Smaller pools queue in the service instead of the database, and finish more; then look at the statements that take most time.',
    )
  },
})
