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
  NEVER,
  OPENED,
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
  const size = sizeOf(lane)
  let place = load<u8>(own + lane) === 1 ? alone(lane, 0, length) : 0
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

function ringOf(lane: i32): usize {
  return rings + lane * RING
}

function sizeOf(lane: i32): i32 {
  return load<i32>(sizes + (lane << 2))
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
  // All is counted of a size that is always on its own, of others what is other than in the unbounded pool.
  const compared = load<u8>(own + lane) === 0
  let goneAt = compared ? load<i32>(until + (lane << 2)) : NEVER
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
    let end = now
    let served = true
    if (next > now) {
      wait = next - now
      served = wait < acquireTimeout
    } else openings += load<i32>(row, OPENED)
    if (served) {
      end = now + wait + hold
      next = give(ring, last, end)
      if (compared && wait === baseWait) continue
      waited += wait
      count(waits, bucketOf(wait), 1)
      count(totals, bucketOf(wait + hold), 1)
    } else {
      gaveUp++
      refused += hold
    }
    if (compared) {
      waited -= baseWait
      count(waits, bucketOf(baseWait), -1)
      count(totals, load<i32>(row, BUCKET), -1)
      goneAt = max(goneAt, max(end, load<i32>(row, END)))
    }
  }
  store<i32>(until + (lane << 2), goneAt)
  store<u8>(apart + lane, place < length ? 0 : 1)
  store<u8>(counted + lane, 1)
  add(timeouts, lane, gaveUp)
  add(refusedTicks, lane, refused)
  add(waitedTicks, lane, waited)
  add(opened, lane, openings)
  return place
}
