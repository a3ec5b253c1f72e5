import { fact, found, serverRule, unknown } from '../rule.ts'
import { isDatabase, silent } from '../servers.ts'

/** One user can take all connections of the server. */
export const limitsUnset = serverRule({
  id: 'limits-unset',
  title: 'No limit for users or databases',
  severity: 'info',
  use: 'advice',
  about: 'Whether any user or database has a limit of its own.',
  settings: {},
  symptomOf: [],
  applies: ({ server }) => isDatabase(server),
  evaluate({ server }) {
    const why = silent(server)
    if (why !== null) return unknown(why)
    const { length } = server.limits
    return found(
      length === 0 ? 'warn' : 'ok',
      length === 0
        ? 'No user and no database has a limit of its own: one service can take all connections.'
        : `${length} users or databases have a limit of their own.`,
      [fact('limits', length)],
      server.system === 'postgresql'
        ? 'ALTER ROLE … CONNECTION LIMIT n for each service.'
        : 'ALTER USER … WITH MAX_USER_CONNECTIONS n for each service.',
    )
  },
})
