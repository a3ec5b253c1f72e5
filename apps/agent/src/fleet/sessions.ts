import type { Session, SessionCount, Sessions } from '@poolscope/protocol'

/** Most sessions in one answer; the counts are of all. */
const MAX_SESSIONS = 500

/** A server's sessions, counted by each key and listed with those longest in their state first. */
export function sessionsAnswer(
  atMs: number | null,
  total: number | null,
  sessions: readonly Session[],
): Sessions {
  const listed = [...sessions].sort((a, b) => (b.stateMs ?? -1) - (a.stateMs ?? -1)).slice(0, MAX_SESSIONS)
  return {
    atMs,
    total,
    byState: countBy(sessions, (session) => session.state),
    byApplication: countBy(sessions, (session) => session.application),
    byUser: countBy(sessions, (session) => session.user ?? ''),
    byDatabase: countBy(sessions, (session) => session.database ?? ''),
    sessions: listed,
  }
}

function countBy(sessions: readonly Session[], keyOf: (session: Session) => string): SessionCount[] {
  const counts = new Map<string, SessionCount>()
  for (const session of sessions) {
    const key = keyOf(session)
    let count = counts.get(key)
    if (count === undefined) {
      count = { key, active: 0, idle: 0, idleInTransaction: 0, other: 0, total: 0 }
      counts.set(key, count)
    }
    count[stateField(session.state)] += 1
    count.total += 1
  }
  return [...counts.values()].sort((a, b) => b.total - a.total || (a.key < b.key ? -1 : 1))
}

function stateField(state: string): 'active' | 'idle' | 'idleInTransaction' | 'other' {
  if (state === 'active' || state === 'idle') return state
  return state.startsWith('idle in transaction') ? 'idleInTransaction' : 'other'
}
