// A pool in which nobody ever waits for another's connection; only for one to be opened.
import {
  ARRIVAL,
  arrivalMs,
  BUCKET,
  BUCKETS,
  BUSY,
  baseTallies,
  before,
  bucketOf,
  count,
  END,
  HOLD,
  holdMs,
  LANES,
  NEVER,
  OPENED,
  openedAt,
  PIECE,
  peaks,
  ROW,
  rowAt,
  rows,
  STRIDE,
  WAIT,
} from './memory'
import { fillRing, give, lastOf } from './ring'
import { addEnd, beginWheel, takeEnd } from './wheel'

/** Since when a connection of each level is idle: with the last returned used first, a level is one connection. */
const idleSince: usize = memory.data((LANES + 2) * 4, 16)
let ticksPerMs: f64 = 0
let fewest = 0
let idleTimeout = 0
let connect = 0
let busy = 0
let nextEnd = NEVER
let length = 0
/** Of the last piece: most busy at one moment, and how many connections were opened. */
export let peak = 0
export let opens = 0
/** Sums since the replay began, ticks. */
export let heldTicks: f64 = 0
export let baseWaitedTicks: f64 = 0

export function beginUnbounded(
  checkouts: i32,
  perMs: f64,
  min: i32,
  idleTicks: i32,
  connectTicks: i32,
): void {
  ticksPerMs = perMs
  fewest = min
  idleTimeout = idleTicks
  connect = connectTicks
  fillRing(before, LANES, -1)
  beginWheel(checkouts)
}

/** Whole ticks of a time, rounded. */
function ticksOf(at: usize): i32 {
  return i32(i64(load<f64>(at) * ticksPerMs + 0.5))
}

/** Keeps what is still busy of the last piece when the next begins: of more than there are lanes the latest. */
function keepBusy(now: i32): void {
  const last = lastOf(before, LANES)
  let first = load<i32>(before)
  for (let row = rows; row < rowAt(length); row += ROW) {
    const end = load<i32>(row, END)
    if (end > now && end > first) first = give(before, last, end)
  }
}

/** Takes the next piece in. */
export function replayUnbounded(checkouts: i32): void {
  keepBusy(ticksOf(arrivalMs))
  memory.fill(peaks, 0, (PIECE / STRIDE) * 4)
  // In locals: what outlives the call is slow to write.
  let n = busy
  let earliest = nextEnd
  let most = 0
  let openings = 0
  let held: i64 = 0
  let waited: i64 = 0
  for (let place = 0; place < checkouts; place++) {
    const now = ticksOf(arrivalMs + (place << 3))
    const hold = ticksOf(holdMs + (place << 3))
    while (earliest <= now) {
      if (n <= LANES) store<i32>(idleSince + (n << 2), earliest)
      n--
      earliest = takeEnd(earliest)
    }
    const stride = peaks + (place / STRIDE) * 4
    if (n > load<i32>(stride)) store<i32>(stride, n)
    const row = rowAt(place)
    store<i32>(row, n, BUSY)
    const level = ++n
    if (level > most) most = level
    let wait = 0
    let isOpened = 0
    if (level > fewest && level <= LANES && now - load<i32>(idleSince + (level << 2)) > idleTimeout) {
      wait = connect
      isOpened = 1
      store<i32>(openedAt + (openings++ << 2), place)
    }
    const end = now + wait + hold
    addEnd(end, min(earliest, now))
    if (end < earliest) earliest = end
    store<i32>(row, now, ARRIVAL)
    store<i32>(row, hold, HOLD)
    store<i32>(row, wait, WAIT)
    store<i32>(row, isOpened, OPENED)
    store<i32>(row, end, END)
    const bucket = bucketOf(wait + hold)
    store<i32>(row, bucket, BUCKET)
    count(baseTallies, bucketOf(wait), 1)
    count(baseTallies, BUCKETS + bucket, 1)
    held += hold
    waited += wait
  }
  busy = n
  nextEnd = earliest
  length = checkouts
  peak = most
  opens = openings
  heldTicks += f64(held)
  baseWaitedTicks += f64(waited)
}
