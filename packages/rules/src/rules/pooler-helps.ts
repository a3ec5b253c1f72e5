import { fact, found, ok, serverRule, unknown } from '../rule.ts'
import { silent, usable } from '../servers.ts'
import { percent } from '../words.ts'

/** Many instances keep connections that mostly idle. */
export const poolerHelps = serverRule({
  id: 'pooler-helps',
  title: 'A pooler would help',
  severity: 'info',
  use: 'advice',
  about:
    'Many instances lead straight to the server, their connections mostly idle, and these take much of its limit.',
  settings: { leastInstances: 10, idleRatio: 0.7, usedRatio: 0.4 },
  symptomOf: [],
  applies: ({ server }) => server.system === 'postgresql',
  evaluate({ server, groups }, settings) {
    const why = silent(server)
    if (why !== null) return unknown(why)
    const limit = usable(server)
    const { idle, total } = server.connections
    if (limit === null || idle === null || total === null || total === 0)
      return unknown('How many connections idle is not known.')
    const instances = groups.reduce((sum, group) => sum + group.instances, 0)
    const [idleShare, used] = [idle / total, total / limit]
    const helps =
      instances >= settings.leastInstances && idleShare > settings.idleRatio && used > settings.usedRatio
    const facts = [
      fact('instances', instances),
      fact('idle', idleShare, 'ratio'),
      fact('of the limit', used, 'ratio'),
    ]
    if (!helps) return ok('A pooler would change little.', ...facts)
    return found(
      'warn',
      `${instances} instances hold ${total} connections, of which ${percent(idleShare)} idle.`,
      facts,
      'PgBouncer in transaction mode lets many clients share few connections; mind what needs a session of its own, such as LISTEN.',
    )
  },
})
