import { fact, found, ok, serverRule, unknown } from '../rule.ts'
import { silent } from '../servers.ts'
import { many } from '../words.ts'

/** Sessions that nobody can tell apart. */
export const unnamedSessions = serverRule({
  id: 'unnamed-sessions',
  title: 'Sessions without a name',
  severity: 'info',
  use: 'advice',
  about: 'Sessions that do not say which application they belong to.',
  settings: {},
  symptomOf: [],
  applies: ({ server }) =>
    server.system === 'postgresql' || server.system === 'redis' || server.system === 'mongodb',
  evaluate({ server, sessions }) {
    const why = silent(server)
    if (why !== null) return unknown(why)
    if (sessions.length === 0) return unknown('No session is seen.')
    const unnamed = sessions.filter(({ application }) => application === '')
    if (unnamed.length === 0) return ok('Every session has a name.', fact('sessions', sessions.length))
    return found(
      'warn',
      `${many(unnamed.length, 'session has', 'sessions have')} no application name.`,
      [fact('unnamed', unnamed.length), fact('sessions', sessions.length)],
      'Set application_name (PostgreSQL), appName (MongoDB) or the client name (Redis) in the connection string.',
    )
  },
})
