import { BUCKETS, bucketOf } from './histogram.ts'
import type { PoolRules, Work } from './open-loop.ts'
import { addEnd, makeWheel, NEVER, takeEnd } from './wheel.ts'

/** Most checkouts in one piece of a replay: some milliseconds of work for all sizes. */
export const PIECE = 2048

/** Numbers in a row of a piece, one cache line of 32 bytes. */
export const ROW = 8
export const ARRIVAL = 0
export const HOLD = 1
/** Connections busy just before the checkout. */
export const BUSY = 2
export const WAIT = 3
export const END = 4
/** The histogram's bucket of wait and hold. */
export const BUCKET = 5

/** Places of a piece that one of its `peaks` is of. */
export const STRIDE = 64

/** One piece of the traffic, in ticks, and what the pool without bound did with it. */
export type Piece = {
  length: number
  /** {@link ROW} numbers a checkout: its columns are named below. */
  readonly rows: Int32Array
  /** Most busy at one moment of the piece. */
  peak: number
  /** Most busy just before a checkout, for each {@link STRIDE} of them. */
  readonly peaks: Int32Array
  /** Places at which a connection was opened, `opens` of them. */
  readonly openedAt: Int32Array
  opens: number
  /** Ends of all that was busy when the piece began, and some that had ended. */
  before: Int32Array
  /** Sums since the replay began, ticks. */
  heldTicks: number
  waitedTicks: number
  /** Counts of waits and then of totals, since they were cleared. */
  readonly tallies: Int32Array
}

/** A pool in which nobody ever waits for another's connection; only for one to be opened. */
export type Unbounded = {
  readonly piece: Piece
  /** Replays the checkouts from one place to another, at most {@link PIECE}. */
  replay(from: number, to: number): void
}

/** Makes the unbounded pool. @param levels up to how many busy connections the idle ages are kept */
export function unbounded(work: Work, rules: PoolRules, levels: number, tickMs: number): Unbounded {
  const { arrivalMs, holdMs } = work
  const { min } = rules
  const idleTimeout = toTicks(rules.idleTimeoutMs, tickMs)
  const connect = toTicks(rules.connectMs, tickMs)
  const perMs = 1 / tickMs
  const ends = makeWheel()
  /** Since when a connection of each level is idle: with the last returned used first, a level is one connection. */
  const idleSince = new Int32Array(levels + 2)
  let busy = 0
  let nextEnd = NEVER
  const piece: Piece = {
    length: 0,
    rows: new Int32Array(PIECE * ROW),
    peak: 0,
    peaks: new Int32Array(PIECE / STRIDE),
    openedAt: new Int32Array(PIECE),
    opens: 0,
    before: new Int32Array(0),
    heldTicks: 0,
    waitedTicks: 0,
    tallies: new Int32Array(2 * BUCKETS),
  }
  const { rows, openedAt, peaks, tallies } = piece

  function keepBusy(now: number): void {
    const older = piece.before.filter((tick) => tick > now)
    let n = older.length
    const all = new Int32Array(n + piece.length)
    all.set(older)
    for (let row = 0; row < piece.length * ROW; row += ROW) {
      const end = rows[row + END] as number
      if (end > now) all[n++] = end
    }
    piece.before = all.subarray(0, n)
  }

  return {
    piece,
    replay(from, to) {
      keepBusy(((arrivalMs[from] as number) * perMs + 0.5) | 0)
      peaks.fill(0)
      // In locals: what outlives the call is slow to write.
      let n = busy
      let earliest = nextEnd
      let peak = 0
      let opens = 0
      let held = 0
      let waited = 0
      for (let place = 0; place < to - from; place++) {
        // Rounded by truncation: a whole number of 32 bits stays one in all that follows.
        const t = ((arrivalMs[from + place] as number) * perMs + 0.5) | 0
        const h = ((holdMs[from + place] as number) * perMs + 0.5) | 0
        while (earliest <= t) {
          if (n <= levels) idleSince[n] = earliest
          n--
          earliest = takeEnd(ends, earliest)
        }
        const row = place * ROW
        rows[row + BUSY] = n
        const stride = (place / STRIDE) | 0
        if (n > (peaks[stride] as number)) peaks[stride] = n
        const level = ++n
        if (level > peak) peak = level
        let w = 0
        if (level > min && level <= levels && t - (idleSince[level] as number) > idleTimeout) {
          w = connect
          openedAt[opens++] = place
        }
        const e = t + w + h
        addEnd(ends, e, Math.min(earliest, t))
        if (e < earliest) earliest = e
        rows[row + ARRIVAL] = t
        rows[row + HOLD] = h
        rows[row + WAIT] = w
        rows[row + END] = e
        const waitBucket = bucketOf(w)
        tallies[waitBucket] = (tallies[waitBucket] as number) + 1
        const bucket = bucketOf(w + h)
        rows[row + BUCKET] = bucket
        tallies[BUCKETS + bucket] = (tallies[BUCKETS + bucket] as number) + 1
        held += h
        waited += w
      }
      busy = n
      nextEnd = earliest
      piece.length = to - from
      piece.peak = peak
      piece.opens = opens
      piece.heldTicks += held
      piece.waitedTicks += waited
    },
  }
}

/** Whole ticks of a duration; what is longer than a replay can be is {@link NEVER}. */
export function toTicks(ms: number, tickMs: number): number {
  return Math.min(NEVER, Math.round(ms / tickMs))
}
