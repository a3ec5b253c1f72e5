import { blocked } from '../holders.ts'
import { levelAbove, worst } from '../limits.ts'
import { fact, found, ok, serverRule, unknown } from '../rule.ts'
import { isDatabase, silent } from '../servers.ts'
import { duration, many } from '../words.ts'

/** Sessions wait for locks of others. */
export const lockBlocked = serverRule({
  id: 'lock-blocked',
  title: 'Sessions blocked by a lock',
  severity: 'warn',
  use: 'alert',
  about: 'How long a session has waited for a lock, and how many do at once.',
  settings: { warnMs: 60_000, warnClearMs: 30_000, warnSessions: 5, warnClearSessions: 3, warnForMs: 5000 },
  symptomOf: ['idle-in-transaction', 'leak'],
  needs: ['sessions'],
  applies: ({ server }) => isDatabase(server),
  evaluate({ server, sessions }, settings, before) {
    const why = silent(server)
    if (why !== null) return unknown(why)
    const waiting = blocked(sessions)
    if (waiting.length === 0) {
      return sessions.length > 0 && sessions.every(({ state }) => state === 'unknown')
        ? unknown('The agent may not see what sessions wait for.')
        : ok('No session waits for a lock.')
    }
    const longestMs = Math.max(0, ...waiting.map(({ waitMs }) => waitMs ?? Number.NEGATIVE_INFINITY))
    const level = worst([
      levelAbove(longestMs, before, { warn: { raise: settings.warnMs, clear: settings.warnClearMs } }),
      levelAbove(waiting.length, before, {
        warn: { raise: settings.warnSessions, clear: settings.warnClearSessions },
      }),
    ])
    return found(
      level,
      `${many(waiting.length, 'session waits', 'sessions wait')} for a lock, the longest for ${duration(longestMs)}.`,
      [
        fact('waiting for a lock', waiting.length),
        fact('longest', longestMs, 'ms'),
        fact('session', waiting[0]?.session.pid ?? null),
      ],
      'Find who has the lock, most often a transaction that idles: end it, then keep transactions short and set lock_timeout.',
    )
  },
})
