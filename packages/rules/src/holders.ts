import type { Holder, Session } from '@poolscope/protocol'

/** What a held connection is spent on: the database works, waits for another session, or nobody uses it. */
export type Spent = 'busy' | 'blocked' | 'in hand'

/** Pauses between the statements of one transaction are shorter; longer ones are other work. */
const PAUSE_MS = 200

/** What a holder's connection is spent on; null where neither driver nor server tells. */
export function spentOn({ activity, quietMs, sessionState }: Holder): Spent | null {
  if (activity === 'blocked') return 'blocked'
  if (activity === 'running') return 'busy'
  if (activity === 'gone') return 'in hand'
  if (quietMs !== null && quietMs < PAUSE_MS) return 'busy'
  if (activity === 'idle' || activity === 'idle_in_transaction') return 'in hand'
  if (sessionState === 'active') return 'busy'
  return sessionState === null || quietMs === null ? null : 'in hand'
}

/** Holders that are suspected to be leaks, by what the agent learned of their pool. */
export function suspects(holders: readonly Holder[]): Holder[] {
  return holders.filter(({ suspectedSinceMs, activity }) => suspectedSinceMs !== null || activity === 'gone')
}

/** Since when a suspect is one, epoch ms. */
export function suspectedSince({ suspectedSinceMs, sinceMs }: Holder): number {
  return suspectedSinceMs ?? sinceMs
}

/** The innermost frame of the application: not of a library and not of the runtime; null where nothing is known. */
export function siteOf({ stack }: Pick<Holder, 'stack'>): string | null {
  if (stack === null) return null
  return stack.find((frame) => !/node_modules|node:|\(internal|^internal/.test(frame)) ?? stack[0] ?? null
}

/** Sessions that idle in an open transaction, longest first, with for how long. */
export function idleInTransaction(sessions: readonly Session[]): { session: Session; idleMs: number }[] {
  return sessions
    .flatMap((session) =>
      session.state.startsWith('idle in transaction') && session.stateMs !== null
        ? [{ session, idleMs: session.stateMs }]
        : [],
    )
    .sort((a, b) => b.idleMs - a.idleMs)
}

/** Sessions that wait for a lock of another, longest first, with for how long their statement has gone on. */
export function blocked(sessions: readonly Session[]): { session: Session; waitMs: number | null }[] {
  return sessions
    .filter(({ state, waitEventType }) => state === 'active' && waitEventType === 'Lock')
    .map((session) => ({ session, waitMs: session.stateMs }))
    .sort((a, b) => (b.waitMs ?? -1) - (a.waitMs ?? -1))
}
