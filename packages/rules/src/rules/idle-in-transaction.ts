import { idleInTransaction as idleSessions } from '../holders.ts'
import { levelAbove } from '../limits.ts'
import { isSqlPool } from '../pools.ts'
import { fact, found, groupRule, ok, unknown } from '../rule.ts'
import { duration } from '../words.ts'

/** A transaction is open and nothing runs in it: it keeps its locks, its snapshot and its connection. */
export const idleInTransaction = groupRule({
  id: 'idle-in-transaction',
  title: 'Idle in transaction',
  severity: 'critical',
  use: 'alert',
  about:
    'How long the oldest open transaction of the pool has been without a statement, as the server or the driver sees it.',
  settings: {
    warnMs: 10_000,
    warnClearMs: 8000,
    warnForMs: 10_000,
    criticalMs: 60_000,
    criticalClearMs: 45_000,
    criticalForMs: 5000,
  },
  symptomOf: ['leak'],
  needs: ['holders', 'sessions'],
  applies: isSqlPool,
  evaluate(window, settings, before) {
    const { sessions, holders } = window
    const own = holders.filter(
      ({ activity, quietMs }) => activity === 'idle_in_transaction' && quietMs !== null,
    )
    const seen = idleSessions(sessions)
    const tells =
      sessions.some(({ state }) => state !== 'unknown') ||
      holders.some(({ activity }) => activity !== undefined && activity !== 'unknown')
    if (!tells) {
      return window.group.inUse === 0 && window.group.origin === 'probe'
        ? ok('No connection is in use.')
        : unknown('Neither the server nor a probe tells what the sessions of this pool do.')
    }
    const oldestMs = Math.max(
      0,
      ...own.map(({ quietMs }) => quietMs as number),
      ...seen.map(({ idleMs }) => idleMs),
    )
    if (oldestMs === 0) return ok('No transaction is left open.')
    const pid = seen[0]?.session.pid ?? own[0]?.sessionPid ?? null
    return found(
      levelAbove(oldestMs, before, {
        warn: { raise: settings.warnMs, clear: settings.warnClearMs },
        critical: { raise: settings.criticalMs, clear: settings.criticalClearMs },
      }),
      `A transaction has been open for ${duration(oldestMs)} with nothing run in it${pid === null ? '' : ` (session ${pid})`}.`,
      [
        fact('oldest', oldestMs, 'ms'),
        fact('sessions', Math.max(seen.length, own.length)),
        fact('session', pid),
      ],
      window.group.system === 'postgresql'
        ? 'Commit or roll back before other work; idle_in_transaction_session_timeout ends what is forgotten.'
        : 'Commit or roll back before other work, and give the connection back.',
      own.length > 0
        ? own
        : holders.filter(({ sessionPid }) => seen.some(({ session }) => session.pid === sessionPid)),
    )
  },
})
