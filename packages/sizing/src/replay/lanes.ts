import { type MinHeap, minHeap } from './heap.ts'
import { BUCKETS, bucketOf } from './histogram.ts'
import { ARRIVAL, BUCKET, BUSY, END, HOLD, type Piece, ROW, WAIT } from './unbounded.ts'
import { NEVER } from './wheel.ts'

const WHEEL = 1 << 14
const MASK = WHEEL - 1
const WORDS = WHEEL >> 5
const WORD_MASK = WORDS - 1
/** Ends further than this after the earliest wait in a heap until they come near. */
const SPAN = WHEEL >> 1
/** An end that lies further back than this belongs to a connection long idle: it is moved up to now. */
const STALE = WHEEL >> 2

/**
 * The sizes of a replay, each a lane of the same flat arrays. A lane holds, for a size that differs from the
 * unbounded pool at the moment, when each of its connections comes free (or came free, when idle): as bits of a
 * ring with one place a tick and counts beside them, so that taking the earliest costs the same at every size.
 */
export type Lanes = {
  /** Connections of each lane. */
  readonly sizes: readonly number[]
  /** 1 where the size is not the same as the unbounded pool. */
  readonly apart: Uint8Array
  /** 1 where anything was counted in `tallies` since they were cleared. */
  readonly counted: Uint8Array
  /** When the last checkout that went differently is gone from both pools, ticks. */
  readonly until: Int32Array
  readonly earliest: Int32Array
  readonly counts: Uint8Array
  readonly bits: Int32Array
  readonly far: readonly MinHeap[]
  readonly farKey: Int32Array
  /** Totals of each size. */
  readonly opened: Float64Array
  readonly timeouts: Float64Array
  readonly refusedTicks: Float64Array
  /** By how much more callers waited than in the unbounded pool, ticks. */
  readonly waitedTicks: Float64Array
  /** Counts of each size less those of the unbounded pool, waits and then totals, since they were cleared. */
  readonly tallies: Int32Array
}

/** Makes a lane for each size. */
export function makeLanes(sizes: readonly number[]): Lanes {
  const n = sizes.length
  return {
    sizes,
    apart: new Uint8Array(n),
    counted: new Uint8Array(n),
    until: new Int32Array(n),
    earliest: new Int32Array(n),
    counts: new Uint8Array(n * WHEEL),
    bits: new Int32Array(n * WORDS),
    far: sizes.map(minHeap),
    farKey: new Int32Array(n).fill(NEVER),
    opened: new Float64Array(n),
    timeouts: new Float64Array(n),
    refusedTicks: new Float64Array(n),
    waitedTicks: new Float64Array(n),
    tallies: new Int32Array(n * 2 * BUCKETS),
  }
}

/** Takes one lane through a piece that the unbounded pool has been through. */
export function replayLane(lanes: Lanes, lane: number, piece: Piece, acquireTimeout: number): void {
  const { length, rows, peak } = piece
  const size = lanes.sizes[lane] as number
  let place = 0
  while (place < length) {
    if (lanes.apart[lane] === 0) {
      const from = place
      if (peak <= size) place = length
      else while (place < length && (rows[place * ROW + BUSY] as number) < size) place++
      if (piece.opens > 0) countOpens(lanes, lane, piece, from, place)
      if (place === length) return
      part(lanes, lane, piece, place)
    }
    place = alone(lanes, lane, piece, place, acquireTimeout)
  }
}

function countOpens(lanes: Lanes, lane: number, piece: Piece, from: number, to: number): void {
  for (let o = 0; o < piece.opens; o++) {
    const place = piece.openedAt[o] as number
    if (place >= from && place < to) lanes.opened[lane] = (lanes.opened[lane] as number) + 1
  }
}

/** Takes over the state of the unbounded pool at a place where that has as many busy as the lane's size. */
function part(lanes: Lanes, lane: number, piece: Piece, place: number): void {
  const now = piece.rows[place * ROW + ARRIVAL] as number
  const size = lanes.sizes[lane] as number
  lanes.counts.fill(0, lane * WHEEL, (lane + 1) * WHEEL)
  lanes.bits.fill(0, lane * WORDS, (lane + 1) * WORDS)
  const far = lanes.far[lane] as MinHeap
  while (far.size > 0) far.pop()
  let earliest = NEVER
  let found = 0
  const take = (end: number) => {
    if (end <= now) return
    // Through the heap, so that the ring begins at the earliest.
    far.push(end, 0)
    if (end < earliest) earliest = end
    found++
  }
  for (let j = place - 1; j >= 0 && found < size; j--) take(piece.rows[j * ROW + END] as number)
  for (let j = 0; j < piece.before.length && found < size; j++) take(piece.before[j] as number)
  bringNear(lanes, lane, earliest)
  lanes.earliest[lane] = earliest
  lanes.until[lane] = now
  lanes.apart[lane] = 1
}

/** Moves what has come near from the heap to the ring. */
function bringNear(lanes: Lanes, lane: number, earliest: number): void {
  const far = lanes.far[lane] as MinHeap
  while (far.size > 0 && far.key - earliest < SPAN) {
    put(lanes, lane, far.key)
    far.pop()
  }
  lanes.farKey[lane] = far.size > 0 ? far.key : NEVER
}

function put(lanes: Lanes, lane: number, end: number): void {
  const { counts, bits } = lanes
  const place = end & MASK
  counts[lane * WHEEL + place] = (counts[lane * WHEEL + place] as number) + 1
  const word = lane * WORDS + (place >> 5)
  bits[word] = (bits[word] as number) | (1 << (place & 31))
}

/** Moves the ends of connections long idle up to now. They come free now for anybody who asks. */
function freshen(lanes: Lanes, lane: number, earliest: number, now: number): number {
  let moved = 0
  let next = earliest
  while (next <= now) {
    next = takeEarliest(lanes, lane, next)
    moved++
  }
  for (let m = 0; m < moved; m++) put(lanes, lane, now)
  return now
}

/** Takes the earliest end out of a lane and answers the next; the slow twin of what `alone` does in line. */
function takeEarliest(lanes: Lanes, lane: number, earliest: number): number {
  const { counts, bits } = lanes
  if ((lanes.farKey[lane] as number) - earliest < SPAN) bringNear(lanes, lane, earliest)
  const place = earliest & MASK
  const left = (counts[lane * WHEEL + place] as number) - 1
  counts[lane * WHEEL + place] = left
  if (left > 0) return earliest
  const word = lane * WORDS + (place >> 5)
  bits[word] = (bits[word] as number) & ~(1 << (place & 31))
  for (let tick = earliest + 1; tick < earliest + WHEEL; tick++) {
    if ((counts[lane * WHEEL + (tick & MASK)] as number) > 0) return tick
  }
  return lanes.farKey[lane] as number
}

/**
 * Replays one size on its own from a place on; answers the place where it is one with the unbounded pool again, or
 * the piece's length. Nearly all of a replay's time is spent here: it is one flat loop over four arrays, because
 * each further array and each call costs more than the arithmetic.
 */
function alone(lanes: Lanes, lane: number, piece: Piece, first: number, acquireTimeout: number): number {
  const { counts, bits, tallies } = lanes
  const { rows, length } = piece
  const size = lanes.sizes[lane] as number
  const countBase = lane * WHEEL
  const bitBase = lane * WORDS
  const waitBase = lane * 2 * BUCKETS
  const totalBase = waitBase + BUCKETS
  let next = lanes.earliest[lane] as number
  let until = lanes.until[lane] as number
  let farKey = lanes.farKey[lane] as number
  let near = size - (lanes.far[lane] as MinHeap).size
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
    } else {
      if (baseWait > 0) opened++
      if (now - next > STALE) {
        next = freshen(lanes, lane, next, now)
        farKey = lanes.farKey[lane] as number
        near = size - (lanes.far[lane] as MinHeap).size
      }
    }
    // The connection that comes free first is taken out of the ring, the next is looked for.
    if (farKey - next < SPAN) {
      bringNear(lanes, lane, next)
      farKey = lanes.farKey[lane] as number
      near = size - (lanes.far[lane] as MinHeap).size
    }
    const taken = next & MASK
    const left = (counts[countBase + taken] as number) - 1
    counts[countBase + taken] = left
    if (left === 0) {
      let word = taken >> 5
      const others = (bits[bitBase + word] as number) & ~(1 << (taken & 31))
      bits[bitBase + word] = others
      if (near === 1) next = farKey
      else {
        // Bits below this place in its own word are the far side of the ring: they are looked at last.
        let set = others & (-1 << (taken & 31))
        let tick = next - (taken & 31)
        while (set === 0) {
          word = (word + 1) & WORD_MASK
          set = bits[bitBase + word] as number
          tick += 32
        }
        next = tick + 31 - Math.clz32(set & -set)
      }
    }
    const end = now + wait + hold
    if (end - next < SPAN) {
      const at = end & MASK
      counts[countBase + at] = (counts[countBase + at] as number) + 1
      const word = bitBase + (at >> 5)
      bits[word] = (bits[word] as number) | (1 << (at & 31))
    } else {
      const far = lanes.far[lane] as MinHeap
      far.push(end, 0)
      farKey = far.key
      lanes.farKey[lane] = farKey
      near--
    }
    if (end < next) next = end
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
  lanes.earliest[lane] = next
  lanes.until[lane] = until
  lanes.apart[lane] = place < length ? 0 : 1
  lanes.counted[lane] = 1
  lanes.timeouts[lane] = (lanes.timeouts[lane] as number) + timeouts
  lanes.refusedTicks[lane] = (lanes.refusedTicks[lane] as number) + refused
  lanes.waitedTicks[lane] = (lanes.waitedTicks[lane] as number) + waited
  lanes.opened[lane] = (lanes.opened[lane] as number) + opened
  return place
}
