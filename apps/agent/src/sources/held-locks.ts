import type { HeldLocks } from '@poolscope/protocol'
import { cleanName, cleanNameOrNull } from './clean-name.ts'

/** Sessions that are asked for their locks at a time: a server stops its lock manager for a moment to tell. */
const MOST_HOLDERS = 20
/** Locks of one session that are listed. */
export const MOST_LOCKS = 8
/** Between two times that a server is asked. Less would show what is new earlier, and cost as much more. */
const EVERY_MS = 5000
/** Beginnings that differ by less are of the same transaction, told twice: by whole seconds, or by a server that is busy. */
const SAME_MS = 2000

/** A session that idles in a transaction. */
export type IdleTransaction = { pid: number; transactionMs: number | null }

/** Locks of one session that are alike; `kinds` says of how many such sets it has some. */
export type LockRow = {
  pid: number
  kind: string
  mode: string
  relation: string | null
  granted: boolean | number
  count: number
  kinds: number
}

/** What a server tells, the strongest first. @see LockReader.read */
export type LockAnswer = {
  rows: LockRow[]
  /** It tells of all locks that there are. */
  all: boolean
}

type Known = { beganMs: number; locks: HeldLocks }

/**
 * What sessions keep locked that idle in a transaction. Asks for them seldom, and remembers in between. Meanwhile a
 * session that went on to another transaction is not shown with the locks of the one before.
 */
export class LockReader {
  #known = new Map<number, Known>()
  #askedMs = Number.NEGATIVE_INFINITY

  /**
   * @param sessions those that idle in a transaction now
   * @param ask for the locks of some; null where they may not be read, or reading them would cost too much
   * @param rowsOf rows that a session has locked, where its server counts them
   */
  async read(
    sessions: readonly IdleTransaction[],
    nowMs: number,
    ask: (pids: readonly number[]) => Promise<LockAnswer | null>,
    rowsOf: (pid: number) => number | null = () => null,
  ): Promise<ReadonlyMap<number, HeldLocks>> {
    const some = sessions.slice(0, MOST_HOLDERS)
    const began = new Map(some.map(({ pid, transactionMs }) => [pid, nowMs - (transactionMs ?? 0)]))
    for (const [pid, { beganMs }] of this.#known) {
      const at = began.get(pid)
      if (at === undefined || Math.abs(at - beganMs) > SAME_MS) this.#known.delete(pid)
    }
    if (some.length > 0 && nowMs - this.#askedMs >= EVERY_MS) {
      this.#askedMs = nowMs
      const answer = await ask(some.map(({ pid }) => pid))
      for (const [pid, beganMs] of began) {
        this.#known.set(pid, { beganMs, locks: toLocks(pid, answer, rowsOf(pid)) })
      }
    }
    return new Map([...this.#known].map(([pid, { locks }]) => [pid, locks]))
  }
}

function toLocks(pid: number, answer: LockAnswer | null, lockedRows: number | null): HeldLocks {
  const own = answer?.rows.filter((row) => row.pid === pid) ?? []
  const listed = own.slice(0, MOST_LOCKS).map(({ kind, mode, relation, granted, count }) => ({
    kind: cleanName(kind),
    mode: cleanName(mode),
    relation: cleanNameOrNull(relation),
    granted: Boolean(granted),
    count: Number(count),
  }))
  const complete = answer?.all === true && own.every(({ kinds }) => Number(kinds) <= listed.length)
  return { listed, complete, rows: lockedRows }
}
