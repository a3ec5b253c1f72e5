import type { Blocker, Holder, HolderReport, StackState } from '@poolscope/protocol'
import type { ServerEntry } from '../server-entry.ts'
import { type HoldSession, holdState } from './activity.ts'
import type { WatchedHold } from './hold-watch.ts'

/** A sample that is a little older than a hold may still be of it: both ages are measured at different places. */
const GRACE_MS = 250

/** What finding a hold's session takes to know of its pool. */
export type HoldOwner = { id: string; instance: string }

/**
 * The server's word on the session behind a hold.
 * @param sinceMs when the hold began, epoch ms by the agent's clock
 * @returns `null` where the pool's server is not watched or silent, does not have the session, or was last asked before
 *   the hold began
 */
export function sessionOf(
  hold: HolderReport,
  sinceMs: number,
  owner: HoldOwner,
  server: ServerEntry | null,
  nowMs: number,
): HoldSession | null {
  const pid = hold.sessionPid
  if (pid === null || server === null || server.sample === null || server.isStale(nowMs)) return null
  if (server.owners.get(pid) !== owner.id) return null
  if (server.sample.atMs + GRACE_MS < sinceMs) return null
  const state = server.session(pid)
  return state === undefined ? null : { state, inspection: ofThisHold(sinceMs, server, pid) }
}

/** A statement that began before the hold was run by the holder before. */
function ofThisHold(sinceMs: number, server: ServerEntry, pid: number): HoldSession['inspection'] {
  const inspection = server.inspection(pid)
  if (inspection === undefined || server.sample === null) return null
  const { statementMs } = inspection
  const beganMs = statementMs === null ? null : server.sample.atMs - statementMs
  const before = beganMs !== null && beganMs + GRACE_MS < sinceMs
  return before ? { ...inspection, lastStatement: null } : inspection
}

/** First frame of the application, by which holds of the same code are told; `null` where none was captured. */
export function siteOf(stack: readonly string[] | null): string | null {
  return stack?.[0] ?? null
}

/** One holder as people and rules are told of it: the last report, with what the server has said since. */
export function holderOf(
  hold: HolderReport,
  watched: WatchedHold,
  owner: HoldOwner,
  session: HoldSession | null,
  more: { capturing: boolean; blockedBy: Blocker | null; blocks: number | null },
): Holder {
  const { activity, quietMs, transaction } = holdState(hold, session)
  const works = activity === 'running' || activity === 'blocked'
  return {
    poolId: owner.id,
    instance: owner.instance,
    sinceMs: watched.sinceMs,
    heldMs: hold.heldMs,
    sessionPid: hold.sessionPid,
    sessionState: session?.state.state ?? null,
    waitEventType: session?.state.waitEventType ?? null,
    waitEvent: session?.state.waitEvent ?? null,
    stack: hold.stack,
    stackState: stackState(hold.stack, more.capturing),
    site: watched.site,
    activity,
    quietMs,
    quietLimitMs: works ? null : watched.quietLimitMs,
    transaction,
    transactionMs: session?.state.transactionMs ?? null,
    lastStatement: session?.inspection?.lastStatement ?? null,
    suspectedSinceMs: works ? null : watched.suspectedSinceMs,
    blockedBy: more.blockedBy,
    blocks: more.blocks,
    locks: activity === 'idle_in_transaction' ? (session?.inspection?.locks ?? null) : null,
  }
}

function stackState(stack: readonly string[] | null, capturing: boolean): StackState {
  if (stack !== null) return 'captured'
  return capturing ? 'capturing' : 'not_sampled'
}
