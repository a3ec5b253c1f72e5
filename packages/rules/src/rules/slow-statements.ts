import type { GroupNow, Session } from '@poolscope/protocol'
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
    'Callers of a pool wait, and a statement takes more than a second on average and most of the time of all, or one has run for minutes.',
  settings: { warnMs: 1000, leastCalls: 20, shareRatio: 0.5, runningMs: 60_000, warnForMs: 120_000 },
  symptomOf: ['lock-blocked', 'idle-in-transaction', 'leak'],
  needs: ['statements', 'sessions'],
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
    const running = sessions
      .filter(
        ({ state, waitEventType, stateMs }) =>
          state === 'active' && waitEventType !== 'Lock' && stateMs !== null,
      )
      .sort((a, b) => (b.stateMs as number) - (a.stateMs as number))[0]
    const isLong = running !== undefined && (running.stateMs as number) > settings.runningMs
    if (slow === undefined && !isLong) {
      return statements === null
        ? unknown('The server does not tell what its statements take.')
        : ok('No statement stands out.')
    }
    // A report that takes its time harms nobody as long as nobody waits for it.
    const level = groups.some(suffers) ? 'warn' : 'ok'
    const but = level === 'ok' ? ' Nobody waits because of it.' : ''
    if (slow !== undefined) {
      return found(
        level,
        `One statement takes ${duration(slow.meanMs as number)} on average and ${percent(slow.shareRatio as number)} of the time of all: ${short(slow.text)}.${but}`,
        [
          fact('mean', slow.meanMs, 'ms'),
          fact('calls', slow.calls),
          fact('share of all time', slow.shareRatio, 'ratio'),
          fact('statement', short(slow.text), 'text'),
        ],
        'Look at its plan: an index or fewer rows usually helps more than a larger pool.',
      )
    }
    const { stateMs, pid, application } = running as Session
    return found(
      level,
      `A statement has run for ${duration(stateMs as number)} (session ${pid}, ${application || 'no application name'}).${but}`,
      [fact('running', stateMs, 'ms'), fact('session', pid)],
      'Move long reports to a pool of their own, and set a statement time-out for the rest.',
    )
  },
})

/** Somebody waits for a connection of the pool, or did for long. */
function suffers({ waiting, waitMs }: GroupNow): boolean {
  return (waiting !== null && waiting > 0) || (waitMs.p95 !== null && waitMs.p95 > LONG_WAIT_MS)
}

const LONG_WAIT_MS = 100

/** Enough of a statement to know it again. */
function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}
