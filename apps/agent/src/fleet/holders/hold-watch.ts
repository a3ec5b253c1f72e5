import type { HolderReport, LateReturn } from '@poolscope/protocol'
import type { HoldState } from './activity.ts'
import { QuietLimit } from './quiet-limit.ts'

/** A hold is followed from this age on, and learned from when it was quiet for so long: less is a sixth of any limit. */
const FOLLOWED_FROM_MS = 500
/** Two ages of one hold differ by the time between their reports, but for this. */
const SAME_HOLD_MS = 100
/** Every stack is asked for so long after a hold was suspected: long enough for the same code to do it again. */
const CAPTURE_MS = 5 * 60_000

/** One hold as last reported, with what it does. */
export type WatchedHold = HoldState & {
  heldMs: number
  /** When it began, epoch ms by the agent's clock: as the fastest of its reports says. */
  sinceMs: number
  sessionPid: number | null
  site: string | null
  /** When it began to be suspected, epoch ms; `null` while it is not. */
  suspectedSinceMs: number | null
  /** Quiet for longer it is suspected, ms; `null` where it is not judged by that. */
  quietLimitMs: number | null
}

/** A hold before it is judged. */
export type SeenHold = Omit<WatchedHold, 'sinceMs' | 'suspectedSinceMs' | 'quietLimitMs'>

const NONE: readonly null[] = []

/** Whether a hold is old enough to be followed; nearly all of a healthy pool's are not. */
export function isFollowed({ heldMs, gone }: HolderReport): boolean {
  return heldMs >= FOLLOWED_FROM_MS || gone === true
}

/** One report's holds. */
export type HoldsSeen = {
  /** In the order of the report, `null` for one that is not followed; empty where none is. */
  holds: readonly (SeenHold | null)[]
  /** Time since the report before, by the clock of the process. */
  windowMs: number
  /** Holds that ended since then. */
  finished: number
  /** All of the pool's holds are listed, so that one that is missing ended. */
  complete: boolean
}

/**
 * Follows the holds of one pool from report to report: which is a leak, which came back after all, and how long holds
 * of each piece of code are quiet when all is well.
 */
export class HoldWatch {
  readonly #limit: QuietLimit
  #followed = new Map<number | null, WatchedHold[]>()
  #holds: readonly (WatchedHold | null)[] = NONE
  #lastSuspectedMs = Number.NEGATIVE_INFINITY
  #lateReturns = 0
  #lastLateReturn: Omit<LateReturn, 'poolId'> | null = null

  /** @param fixedMs limit from the configuration, `null` to learn it */
  constructor(fixedMs: number | null, nowMs: number) {
    this.#limit = new QuietLimit(fixedMs, nowMs)
  }

  /** What is known of the hold at a place of the last report; `null` where it is not followed. */
  at(place: number): WatchedHold | null {
    return this.#holds[place] ?? null
  }

  /** What can be said of a hold that is not followed. */
  unfollowed(seen: SeenHold, nowMs: number): WatchedHold {
    return this.#judge(seen, null, false, nowMs)
  }

  /** Holds that were suspected, and were used or given back after all. */
  get lateReturns(): { total: number; last: Omit<LateReturn, 'poolId'> | null } {
    return { total: this.#lateReturns, last: this.#lastLateReturn }
  }

  /** Whether the stack of every checkout is wanted, so that the next leak has its line. */
  wantsStacks(nowMs: number): boolean {
    return nowMs - this.#lastSuspectedMs < CAPTURE_MS
  }

  /** The process restarted: none of its holds is left. */
  restart(): void {
    this.#followed.clear()
    this.#holds = NONE
  }

  /** Takes in a report's holds, and judges them. */
  take({ holds, windowMs, finished, complete }: HoldsSeen, nowMs: number): void {
    this.#limit.finished(finished, nowMs)
    const before = this.#followed
    if (holds.length === 0 && before.size === 0) {
      this.#holds = NONE
      return
    }
    this.#followed = new Map()
    this.#holds = holds.map((seen) => {
      if (seen === null) return null
      const last = takeSame(before, seen, windowMs)
      const used = last !== null && isUsedSince(seen, last)
      if (used) this.#cameBack(last, windowMs, nowMs)
      const hold = this.#judge(seen, last, used, nowMs)
      if (hold.suspectedSinceMs === nowMs) this.#lastSuspectedMs = nowMs
      this.#follow(hold)
      return hold
    })
    if (!complete) return
    for (const ended of [...before.values()].flat()) this.#cameBack(ended, windowMs, nowMs)
  }

  /**
   * @param last the same hold in the report before
   * @param used it was used since
   */
  #judge(seen: SeenHold, last: WatchedHold | null, used: boolean, nowMs: number): WatchedHold {
    const rests = seen.activity === 'idle' || seen.activity === 'idle_in_transaction'
    const judged = rests && !seen.listening
    const quietLimitMs = judged ? this.#limit.ms(seen.site) : null
    const gone = seen.activity === 'gone'
    const tooQuiet = quietLimitMs !== null && seen.quietMs !== null && seen.quietMs > quietLimitMs
    // Once suspected it stays so until it is used or given back, whatever limit is learned meanwhile.
    const stays = (judged && !used) || gone || seen.activity === 'unknown'
    const before = stays ? (last?.suspectedSinceMs ?? null) : null
    const suspectedSinceMs = before ?? (gone || tooQuiet ? nowMs : null)
    const sinceMs = Math.min(nowMs - seen.heldMs, last?.sinceMs ?? Number.POSITIVE_INFINITY)
    return { ...seen, sinceMs, quietLimitMs, suspectedSinceMs }
  }

  #follow(hold: WatchedHold): void {
    const others = this.#followed.get(hold.sessionPid)
    if (others === undefined) this.#followed.set(hold.sessionPid, [hold])
    else others.push(hold)
  }

  /** A hold was quiet, and then used or given back at some moment since the report before. */
  #cameBack(hold: WatchedHold, windowMs: number, nowMs: number): void {
    const { quietMs, heldMs, site, suspectedSinceMs } = hold
    if (hold.quietLimitMs === null || quietMs === null || quietMs < FOLLOWED_FROM_MS) return
    this.#limit.learn(quietMs + windowMs, site)
    if (suspectedSinceMs === null) return
    this.#lateReturns += 1
    this.#lastLateReturn = { atMs: nowMs, heldMs, quietMs, site }
  }
}

/** Whether it was quiet for less time than before; what is not known now or was not then is no sign of use. */
function isUsedSince(seen: SeenHold, last: WatchedHold): boolean {
  return seen.quietMs !== null && last.quietMs !== null && seen.quietMs < last.quietMs
}

/** Finds, and takes out, the hold of the report before that a hold is: the same session, and older by the time between. */
function takeSame(
  followed: Map<number | null, WatchedHold[]>,
  seen: SeenHold,
  windowMs: number,
): WatchedHold | null {
  const holds = followed.get(seen.sessionPid)
  const at = holds?.findIndex((hold) => Math.abs(seen.heldMs - hold.heldMs - windowMs) < SAME_HOLD_MS) ?? -1
  return at === -1 ? null : (holds?.splice(at, 1)[0] ?? null)
}
