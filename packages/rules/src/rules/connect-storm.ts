import { levelAbove } from '../limits.ts'
import { sum } from '../pools.ts'
import { fact, found, serverRule, unknown } from '../rule.ts'
import { usable } from '../servers.ts'
import { perSec } from '../words.ts'

/** The fleet opens connections faster than the server should have to greet them. */
export const connectStorm = serverRule({
  id: 'connect-storm',
  title: 'Connect storm',
  severity: 'warn',
  use: 'alert',
  about: 'Connections that all pools of a server open each second, against what the server allows in all.',
  settings: { warnRatio: 0.1, warnClearRatio: 0.05, leastPerSec: 5, warnForMs: 20_000 },
  symptomOf: ['server-lost'],
  applies: ({ groups }) => groups.some(({ origin }) => origin === 'probe'),
  evaluate({ server, groups }, { warnRatio, warnClearRatio, leastPerSec }, before) {
    const probed = groups.filter(({ origin, stale }) => origin === 'probe' && !stale)
    const opened = sum(probed.map(({ createdPerSec }) => createdPerSec))
    const limit = usable(server)
    if (probed.length === 0 || opened === null || limit === null || limit <= 0) {
      return unknown('How many connections are opened, or the limit of the server, is not known.')
    }
    const ratio = opened < leastPerSec ? 0 : opened / limit
    return found(
      levelAbove(ratio, before, { warn: { raise: warnRatio, clear: warnClearRatio } }),
      `All pools together open ${perSec(opened)} connections.`,
      [fact('opened', opened, 'perSec'), fact('usable', limit), fact('pools', probed.length)],
      'Spread reconnects with random pauses, keep idle connections longer, and limit how many a pool opens at once.',
    )
  },
})
