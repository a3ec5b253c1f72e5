import { fact, found, ok, serverRule, unknown } from '../rule.ts'
import { detail, isDatabase, silent } from '../servers.ts'
import { duration } from '../words.ts'

/** Nothing ends a statement that runs away. */
export const noStatementTimeout = serverRule({
  id: 'no-statement-timeout',
  title: 'No limit on statements',
  severity: 'info',
  use: 'advice',
  about:
    'The server ends no statement by itself, and one was seen to run for long. Limits that a pool sets for its own sessions cannot be seen.',
  settings: { runningMs: 60_000 },
  symptomOf: [],
  applies: ({ server }) => isDatabase(server),
  evaluate({ server, sessions }, { runningMs }) {
    const why = silent(server)
    if (why !== null) return unknown(why)
    const limitMs =
      detail(server, 'statement_timeout') ??
      detail(server, 'max_statement_time') ??
      detail(server, 'max_execution_time')
    if (limitMs !== null && limitMs > 0)
      return ok(
        `The server ends statements after ${duration(limitMs)}.`,
        fact('statement time-out', limitMs, 'ms'),
      )
    const longest = Math.max(
      0,
      ...sessions.map(({ state, stateMs }) => (state === 'active' && stateMs !== null ? stateMs : 0)),
    )
    if (longest < runningMs)
      return unknown(
        'The server sets no limit; whether each pool sets its own cannot be seen.',
        fact('longest now', longest, 'ms'),
      )
    return found(
      'warn',
      `A statement has run for ${duration(longest)}, and the server ends none by itself.`,
      [fact('statement time-out', limitMs, 'ms'), fact('longest now', longest, 'ms')],
      server.system === 'postgresql'
        ? 'Set statement_timeout for each role: ALTER ROLE … SET statement_timeout = …'
        : 'Set max_statement_time (MariaDB) or max_execution_time (MySQL).',
    )
  },
})
