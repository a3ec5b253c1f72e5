// The sizes of a replay, each a lane. A lane holds, for a size that differs from the unbounded pool at the moment, a ring:
// when each of its connections comes free, or came free, when idle.
import {
  BUCKET,
  BUCKETS,
  BUSY,
  before,
  bucketOf,
  count,
  counted,
  END,
  HOLD,
  LANES,
  opened,
  openedAt,
  own,
  peakAt,
  RING,
  ROW,
  refusedTicks,
  rowAt,
  rows,
  STRIDE,
  sizes,
  TALLY,
  tallies,
  timeouts,
  WAIT,
  waitedTicks,
} from './memory'
import { fillRing, give, lastOf } from './ring'
import { opens, peak } from './unbounded'

const rings: usize = memory.data(LANES * RING, 16)
/** 1 where the size is not the same as the unbounded pool. */
const apart: usize = memory.data(LANES, 16)
/** When the last checkout that went differently is gone from both pools, ticks. */
const until: usize = memory.data(LANES * 4, 16)
let acquireTimeout = 0

export function beginLanes(lanes: i32, timeoutTicks: i32): void {
  acquireTimeout = timeoutTicks
  for (let lane = 0; lane < lanes; lane++) fillRing(ringOf(lane), sizeOf(lane), 0)
}

/** Takes a lane through a piece that the unbounded pool has been through. */
export function replayLane(lane: i32, length: i32): void {
  if (load<u8>(own + lane) === 1) onItsOwn(lane, length)
  else beside(lane, length)
}

function ringOf(lane: i32): usize {
  return rings + lane * RING
}

function sizeOf(lane: i32): i32 {
  return load<i32>(sizes + (lane << 2))
}

function beside(lane: i32, length: i32): void {
  const size = sizeOf(lane)
  let place = 0
  while (place < length) {
    if (load<u8>(apart + lane) === 0) {
      const from = place
      place = peak < size ? length : nextFull(place, length, size)
      if (opens > 0) countOpens(lane, from, place)
      if (place === length) return
      part(lane, place)
    }
    place = alone(lane, place, length)
  }
}

/** The first place from one on at which the unbounded pool has a size busy; the piece's length without one. */
function nextFull(from: i32, length: i32, size: i32): i32 {
  let place = from
  while (place < length) {
    if (place % STRIDE === 0 && peakAt(place) < size) place += STRIDE
    else if (load<i32>(rowAt(place), BUSY) < size) place++
    else return place
  }
  return length
}

function countOpens(lane: i32, from: i32, to: i32): void {
  let some = 0
  for (let o = 0; o < opens; o++) {
    const place = load<i32>(openedAt + (o << 2))
    if (place >= from && place < to) some++
  }
  add(opened, lane, some)
}

function add(totals: usize, lane: i32, some: i64): void {
  const at = totals + (lane << 3)
  store<f64>(at, load<f64>(at) + f64(some))
}

/** Takes over the state of the unbounded pool at a place where that has as many busy as the lane's size. */
function part(lane: i32, place: i32): void {
  const now = load<i32>(rowAt(place))
  const size = sizeOf(lane)
  const ring = ringOf(lane)
  const last = lastOf(ring, size)
  fillRing(ring, size, now)
  let left = size
  for (let row = rowAt(place) - ROW; row >= rows && left > 0; row -= ROW) {
    const end = load<i32>(row, END)
    if (end <= now) continue
    give(ring, last, end)
    left--
  }
  for (let at = before + LANES * 4 - 4; at >= before && left > 0; at -= 4) {
    const end = load<i32>(at)
    if (end <= now) break
    give(ring, last, end)
    left--
  }
  store<i32>(until + (lane << 2), now)
  store<u8>(apart + lane, 1)
}

/**
 * Replays one size on its own from a place on; answers the place where it is one with the unbounded pool again, and
 * stays so for a stride, or the piece's length. Nearly all of a replay's time is spent here.
 */
function alone(lane: i32, first: i32, length: i32): i32 {
  const size = sizeOf(lane)
  const ring = ringOf(lane)
  const last = lastOf(ring, size)
  const waits = tallies + lane * TALLY
  const totals = waits + BUCKETS * 4
  let goneAt = load<i32>(until + (lane << 2))
  let next = load<i32>(ring)
  let gaveUp = 0
  let refused: i64 = 0
  let waited: i64 = 0
  let openings = 0
  let place = first
  for (; place < length; place++) {
    const row = rowAt(place)
    const now = load<i32>(row)
    if (place % STRIDE === 0 && now >= goneAt && peakAt(place) < size) break
    const hold = load<i32>(row, HOLD)
    const baseWait = load<i32>(row, WAIT)
    let wait = baseWait
    if (next > now) {
      wait = next - now
      if (wait >= acquireTimeout) {
        gaveUp++
        refused += hold
        waited -= baseWait
        count(waits, bucketOf(baseWait), -1)
        count(totals, load<i32>(row, BUCKET), -1)
        goneAt = max(goneAt, load<i32>(row, END))
        continue
      }
    } else if (baseWait > 0) openings++
    const end = now + wait + hold
    next = give(ring, last, end)
    if (wait !== baseWait) {
      waited += wait - baseWait
      count(waits, bucketOf(baseWait), -1)
      count(totals, load<i32>(row, BUCKET), -1)
      count(waits, bucketOf(wait), 1)
      count(totals, bucketOf(wait + hold), 1)
      goneAt = max(goneAt, max(end, load<i32>(row, END)))
    }
  }
  store<i32>(until + (lane << 2), goneAt)
  store<u8>(apart + lane, place < length ? 0 : 1)
  addAll(lane, gaveUp, refused, waited, openings)
  return place
}

/** Takes a size that cannot keep up through a piece: who is refused costs next to nothing, and most are. */
function onItsOwn(lane: i32, length: i32): void {
  const ring = ringOf(lane)
  const last = lastOf(ring, sizeOf(lane))
  const waits = tallies + lane * TALLY
  const totals = waits + BUCKETS * 4
  let next = load<i32>(ring)
  let gaveUp = 0
  let refused: i64 = 0
  let waited: i64 = 0
  let openings = 0
  for (let row = rows; row < rowAt(length); row += ROW) {
    const now = load<i32>(row)
    const hold = load<i32>(row, HOLD)
    let wait = next - now
    if (wait >= acquireTimeout) {
      gaveUp++
      refused += hold
      continue
    }
    if (wait <= 0) {
      wait = load<i32>(row, WAIT)
      if (wait > 0) openings++
    }
    waited += wait
    count(waits, bucketOf(wait), 1)
    count(totals, bucketOf(wait + hold), 1)
    next = give(ring, last, now + wait + hold)
  }
  addAll(lane, gaveUp, refused, waited, openings)
}

function addAll(lane: i32, gaveUp: i64, refused: i64, waited: i64, openings: i64): void {
  store<u8>(counted + lane, 1)
  add(timeouts, lane, gaveUp)
  add(refusedTicks, lane, refused)
  add(waitedTicks, lane, waited)
  add(opened, lane, openings)
}
