import { BUCKETS, bucketOf } from './histogram.ts'
import { ARRIVAL, BUCKET, BUSY, END, HOLD, type Piece, ROW, STRIDE, WAIT } from './unbounded.ts'

/**
 * The sizes of a replay, each a lane of the same flat arrays. A lane holds, for a size that differs from the
 * unbounded pool at the moment, when each of its connections comes free (or came free, when idle), sorted, in a ring
 * that begins at `head`.
 */
export type Lanes = {
  /** Connections of each lane. */
  readonly sizes: readonly number[]
  /**
   * 1 where the size cannot keep up with the traffic as a whole: it is never one with the unbounded pool for long, so
   * it is replayed on its own from the start to the end, and what stands here of it are totals and no differences.
   */
  readonly own: Uint8Array
  /** 1 where the size is not the same as the unbounded pool. */
  readonly apart: Uint8Array
  /** 1 where anything was counted in `tallies` since they were cleared. */
  readonly counted: Uint8Array
  /** When the last checkout that went differently is gone from both pools, ticks. */
  readonly until: Int32Array
  /** Places of each ring, a power of two. */
  readonly room: number
  readonly frees: Int32Array
  readonly head: Int32Array
  /** Totals of each size. */
  readonly opened: Float64Array
  readonly timeouts: Float64Array
  readonly refusedTicks: Float64Array
  /** By how much more callers waited than in the unbounded pool, ticks. */
  readonly waitedTicks: Float64Array
  /** Counts of each size less those of the unbounded pool, waits and then totals, since they were cleared. */
  readonly tallies: Int32Array
}

/** Makes a lane for each size. @param load connections that the traffic keeps busy, in the mean */
export function makeLanes(sizes: readonly number[], load: number): Lanes {
  const n = sizes.length
  const room = 2 ** Math.ceil(Math.log2(Math.max(1, ...sizes)))
  return {
    sizes,
    own: Uint8Array.from(sizes, (size) => (size <= load ? 1 : 0)),
    apart: new Uint8Array(n),
    counted: new Uint8Array(n),
    until: new Int32Array(n),
    room,
    frees: new Int32Array(n * room),
    head: new Int32Array(n),
    opened: new Float64Array(n),
    timeouts: new Float64Array(n),
    refusedTicks: new Float64Array(n),
    waitedTicks: new Float64Array(n),
    tallies: new Int32Array(n * 2 * BUCKETS),
  }
}

/** Takes one lane through a piece that the unbounded pool has been through. */
export function replayLane(lanes: Lanes, lane: number, piece: Piece, acquireTimeout: number): void {
  const { length } = piece
  if (lanes.own[lane] === 1) {
    onItsOwn(lanes, lane, piece, acquireTimeout)
    return
  }
  let place = 0
  while (place < length) {
    if (lanes.apart[lane] === 0) {
      const from = place
      place = nextFull(piece, place, lanes.sizes[lane] as number)
      if (piece.opens > 0) countOpens(lanes, lane, piece, from, place)
      if (place === length) return
      part(lanes, lane, piece, place)
    }
    place = alone(lanes, lane, piece, place, acquireTimeout)
  }
}

/** The first place from one on at which the unbounded pool has a size busy; the piece's length without one. */
function nextFull({ length, rows, peak, peaks }: Piece, from: number, size: number): number {
  if (peak < size) return length
  let place = from
  while (place < length) {
    if (place % STRIDE === 0 && (peaks[place / STRIDE] as number) < size) place += STRIDE
    else if ((rows[place * ROW + BUSY] as number) < size) place++
    else return place
  }
  return length
}

function countOpens(lanes: Lanes, lane: number, piece: Piece, from: number, to: number): void {
  for (let o = 0; o < piece.opens; o++) {
    const place = piece.openedAt[o] as number
    if (place >= from && place < to) lanes.opened[lane] = (lanes.opened[lane] as number) + 1
  }
}

/** Takes over the state of the unbounded pool at a place where that has as many busy as the lane's size. */
function part(lanes: Lanes, lane: number, piece: Piece, place: number): void {
  const { frees, room } = lanes
  const { rows, before } = piece
  const size = lanes.sizes[lane] as number
  const now = rows[place * ROW + ARRIVAL] as number
  const base = lane * room
  frees.fill(now, base, base + size)
  let left = size
  for (let j = place - 1; j >= 0 && left > 0; j--) {
    const end = rows[j * ROW + END] as number
    if (end > now) settle(frees, base + --left, base + size, end)
  }
  for (let j = 0; j < before.length && left > 0; j++) {
    const end = before[j] as number
    if (end > now) settle(frees, base + --left, base + size, end)
  }
  lanes.head[lane] = 0
  lanes.until[lane] = now
  lanes.apart[lane] = 1
}

/** Puts an end in its order among those that follow a free place. */
function settle(frees: Int32Array, free: number, to: number, end: number): void {
  let at = free
  for (; at + 1 < to && (frees[at + 1] as number) < end; at++) frees[at] = frees[at + 1] as number
  frees[at] = end
}

/**
 * Replays one size on its own from a place on; answers the place where it is one with the unbounded pool again, or
 * the piece's length. Nearly all of a replay's time is spent here: it is one flat loop over few arrays, because
 * each further array and each call costs more than the arithmetic.
 */
function alone(lanes: Lanes, lane: number, piece: Piece, first: number, acquireTimeout: number): number {
  const { frees, tallies, room } = lanes
  const { rows, length } = piece
  const size = lanes.sizes[lane] as number
  const base = lane * room
  const mask = room - 1
  const waitBase = lane * 2 * BUCKETS
  const totalBase = waitBase + BUCKETS
  let head = lanes.head[lane] as number
  let until = lanes.until[lane] as number
  let timeouts = 0
  let refused = 0
  let waited = 0
  let opened = 0
  let place = first
  for (; place < length; place++) {
    const row = place * ROW
    const now = rows[row + ARRIVAL] as number
    if (now >= until && (rows[row + BUSY] as number) < size) break
    const hold = rows[row + HOLD] as number
    const baseWait = rows[row + WAIT] as number
    const next = frees[base + head] as number
    let wait = baseWait
    if (next > now) {
      wait = next - now
      if (wait >= acquireTimeout) {
        timeouts++
        refused += hold
        waited -= baseWait
        const noWait = waitBase + bucketOf(baseWait)
        tallies[noWait] = (tallies[noWait] as number) - 1
        const was = totalBase + (rows[row + BUCKET] as number)
        tallies[was] = (tallies[was] as number) - 1
        const baseEnd = rows[row + END] as number
        if (baseEnd > until) until = baseEnd
        continue
      }
    } else if (baseWait > 0) opened++
    const end = now + wait + hold
    head = give(frees, base, mask, head, size, end)
    if (wait !== baseWait) {
      waited += wait - baseWait
      const noWait = waitBase + bucketOf(baseWait)
      tallies[noWait] = (tallies[noWait] as number) - 1
      const was = totalBase + (rows[row + BUCKET] as number)
      tallies[was] = (tallies[was] as number) - 1
      const isWait = waitBase + bucketOf(wait)
      tallies[isWait] = (tallies[isWait] as number) + 1
      const isTotal = totalBase + bucketOf(wait + hold)
      tallies[isTotal] = (tallies[isTotal] as number) + 1
      const baseEnd = rows[row + END] as number
      const later = Math.max(end, baseEnd)
      if (later > until) until = later
    }
  }
  lanes.head[lane] = head
  lanes.until[lane] = until
  lanes.apart[lane] = place < length ? 0 : 1
  lanes.counted[lane] = 1
  lanes.timeouts[lane] = (lanes.timeouts[lane] as number) + timeouts
  lanes.refusedTicks[lane] = (lanes.refusedTicks[lane] as number) + refused
  lanes.waitedTicks[lane] = (lanes.waitedTicks[lane] as number) + waited
  lanes.opened[lane] = (lanes.opened[lane] as number) + opened
  return place
}

/** Takes a size that cannot keep up through a piece: who is refused costs next to nothing, and most are. */
function onItsOwn(lanes: Lanes, lane: number, piece: Piece, acquireTimeout: number): void {
  const { frees, tallies, room } = lanes
  const { rows, length } = piece
  const size = lanes.sizes[lane] as number
  const base = lane * room
  const mask = room - 1
  const waitBase = lane * 2 * BUCKETS
  const totalBase = waitBase + BUCKETS
  let head = lanes.head[lane] as number
  let next = frees[base + head] as number
  let timeouts = 0
  let refused = 0
  let waited = 0
  let opened = 0
  for (let row = 0; row < length * ROW; row += ROW) {
    const now = rows[row + ARRIVAL] as number
    const hold = rows[row + HOLD] as number
    let wait = next - now
    if (wait >= acquireTimeout) {
      timeouts++
      refused += hold
      continue
    }
    if (wait <= 0) {
      wait = rows[row + WAIT] as number
      if (wait > 0) opened++
    }
    waited += wait
    const waitPlace = waitBase + bucketOf(wait)
    tallies[waitPlace] = (tallies[waitPlace] as number) + 1
    const totalPlace = totalBase + bucketOf(wait + hold)
    tallies[totalPlace] = (tallies[totalPlace] as number) + 1
    head = give(frees, base, mask, head, size, now + wait + hold)
    next = frees[base + head] as number
  }
  lanes.head[lane] = head
  lanes.counted[lane] = 1
  lanes.timeouts[lane] = (lanes.timeouts[lane] as number) + timeouts
  lanes.refusedTicks[lane] = (lanes.refusedTicks[lane] as number) + refused
  lanes.waitedTicks[lane] = (lanes.waitedTicks[lane] as number) + waited
  lanes.opened[lane] = (lanes.opened[lane] as number) + opened
}

/** In a ring of no more than this, looking for a place from the front only is faster than to ask for the nearer side. */
const SHORT = 20

/**
 * Takes the connection that comes free first until `end`, which finds its place in the ring.
 * Answers the ring's new head: a short one's stays where it is.
 */
function give(
  frees: Int32Array,
  base: number,
  mask: number,
  head: number,
  size: number,
  end: number,
): number {
  if (size <= SHORT) {
    let at = base
    for (const last = base + size - 1; at < last; at++) {
      const after = frees[at + 1] as number
      if (after >= end) break
      frees[at] = after
    }
    frees[at] = end
    return head
  }
  const half = size >> 1
  if (end <= (frees[base + ((head + half) & mask)] as number)) {
    let at = head
    for (let n = 0; n < half; n++) {
      const after = frees[base + ((at + 1) & mask)] as number
      if (after >= end) break
      frees[base + at] = after
      at = (at + 1) & mask
    }
    frees[base + at] = end
    return head
  }
  let at = (head + size) & mask
  for (let n = size - 1; n > 0; n--) {
    const earlier = frees[base + ((at - 1) & mask)] as number
    if (earlier <= end) break
    frees[base + at] = earlier
    at = (at - 1) & mask
  }
  frees[base + at] = end
  return (head + 1) & mask
}
