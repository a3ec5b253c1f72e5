import { fact, found, ok, serverRule, unknown } from '../rule.ts'
import { isDatabase, silent } from '../servers.ts'
import { duration, percent } from '../words.ts'

/** Statements keep connections for long. */
export const slowStatements = serverRule({
  id: 'slow-statements',
  title: 'Slow statements',
  severity: 'warn',
  use: 'alert',
  about:
    'Statements that take more than a second on average and most of the time of all, or one that runs for minutes while callers of a pool wait.',
  settings: { warnMs: 1000, leastCalls: 20, shareRatio: 0.5, runningMs: 60_000, warnForMs: 120_000 },
  symptomOf: ['lock-blocked', 'idle-in-transaction', 'leak'],
  applies: ({ server }) => isDatabase(server),
  evaluate({ server, statements, sessions, groups }, settings) {
    const why = silent(server)
    if (why !== null) return unknown(why)
    const slow = statements?.find(
      ({ meanMs, calls, shareRatio }) =>
        meanMs !== null &&
        meanMs > settings.warnMs &&
        calls >= settings.leastCalls &&
        shareRatio !== null &&
        shareRatio > settings.shareRatio,
    )
    if (slow !== undefined) {
      return found(
        'warn',
        `One statement takes ${duration(slow.meanMs as number)} on average and ${percent(slow.shareRatio as number)} of the time of all: ${short(slow.text)}`,
        [
          fact('mean', slow.meanMs, 'ms'),
          fact('calls', slow.calls),
          fact('share of all time', slow.shareRatio, 'ratio'),
          fact('statement', short(slow.text), 'text'),
        ],
        'Look at its plan: an index or fewer rows usually helps more than a larger pool.',
      )
    }
    const running = sessions
      .filter(
        ({ state, waitEventType, stateMs }) =>
          state === 'active' && waitEventType !== 'Lock' && stateMs !== null,
      )
      .sort((a, b) => (b.stateMs as number) - (a.stateMs as number))[0]
    const queued = groups.some(({ waiting }) => waiting !== null && waiting > 0)
    if (running !== undefined && (running.stateMs as number) > settings.runningMs && queued) {
      return found(
        'warn',
        `A statement has run for ${duration(running.stateMs as number)} while callers wait (session ${running.pid}, ${running.application || 'no application name'}).`,
        [fact('running', running.stateMs, 'ms'), fact('session', running.pid)],
        'Move long reports to a pool of their own, and set a statement time-out for the rest.',
      )
    }
    return statements === null
      ? unknown('The server does not tell what its statements take.')
      : ok('No statement stands out.')
  },
})

/** Enough of a statement to know it again. */
function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}
