import type { Activity, HolderReport, Session, Transaction } from '@poolscope/protocol'
import type { SessionInspection } from '../../sources/source.ts'

/** What the server says of the session behind a hold. Taken after the hold began, else it speaks of another. */
export type HoldSession = {
  state: Pick<Session, 'state' | 'waitEventType' | 'waitEvent' | 'stateMs' | 'transactionMs'>
  inspection: SessionInspection | null
}

/** What a hold does, as process and server say together. */
export type HoldState = {
  activity: Activity
  transaction: Transaction | null
  /** For how long nothing has run on it while held, ms; 0 while a statement runs; `null` when nobody can tell. */
  quietMs: number | null
  /** Lying still is what it is for: it waits to be told of notifications. */
  listening: boolean
}

/**
 * Joins what a process says of one of its holders with what the server says of the session.
 * Where the two differ the busier wins: a hold that either of them sees at work is no leak.
 * @param session `null` where no server tells: then the process decides alone
 */
export function holdState(hold: HolderReport, session: HoldSession | null): HoldState {
  const transaction = hold.transaction ?? transactionOf(session)
  const activity = activityOf(hold, session, transaction)
  return {
    activity,
    transaction,
    quietMs: quietMs(hold, session, activity),
    listening: hold.listening === true || /^listen\b/i.test(session?.inspection?.lastStatement ?? ''),
  }
}

function activityOf(
  hold: HolderReport,
  session: HoldSession | null,
  transaction: Transaction | null,
): Activity {
  if (hold.gone === true) return 'gone'
  if (session !== null && isBlocked(session)) return 'blocked'
  const atServer = session === null ? null : isRunning(session)
  if (hold.running === true || atServer === true) return 'running'
  if (hold.running !== false && atServer === null) return 'unknown'
  return transaction === 'open' || transaction === 'failed' ? 'idle_in_transaction' : 'idle'
}

function isBlocked({ state, inspection }: HoldSession): boolean {
  return state.waitEventType === 'Lock' || (inspection !== null && inspection.blockedBy.length > 0)
}

/** `null` where the server does not let its state be read. */
function isRunning({ state }: HoldSession): boolean | null {
  if (state.state === 'unknown') return null
  if (state.state !== 'active' && state.state !== 'fastpath function call') return false
  // A cursor that is not read on, rows that are not taken: the statement is open, and it is its client who rests.
  return !(state.waitEventType === 'Client' || state.waitEvent === 'Writing to net')
}

function transactionOf(session: HoldSession | null): Transaction | null {
  if (session === null || session.state.state === 'unknown') return null
  if (session.state.state === 'idle in transaction (aborted)') return 'failed'
  if (session.state.state === 'idle in transaction') return 'open'
  if (session.state.state === 'idle') return 'none'
  return session.state.transactionMs === null ? null : 'open'
}

/** The process counts from the last byte; a server knows since when a session is in its state, whoever had it then. */
function quietMs(hold: HolderReport, session: HoldSession | null, activity: Activity): number | null {
  if (activity === 'running' || activity === 'blocked') return 0
  if (typeof hold.quietMs === 'number') return hold.quietMs
  const stateMs = session?.state.stateMs ?? null
  return activity === 'unknown' || stateMs === null ? null : Math.min(hold.heldMs, stateMs)
}
