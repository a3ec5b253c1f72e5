// Where everything stands. What is exported to JavaScript is written or read there, as `src/replay/lanes.ts` says.

/** Most checkouts of a piece. */
export const PIECE = 2048
/** Bytes of a row, one checkout of the piece in ticks, and where in it each column is. */
export const ROW = 32
export const ARRIVAL = 0
export const HOLD = 4
/** Connections busy just before the checkout. */
export const BUSY = 8
export const WAIT = 12
export const END = 16
/** The histogram's bucket of wait and hold. */
export const BUCKET = 20
/** 1 where a connection was opened, which may cost nothing. */
export const OPENED = 24
/** Checkouts that have one of `peaks`. */
export const STRIDE = 64
/** Most lanes, and connections of the largest. */
export const LANES = 64
/** Bytes of a ring of moments in order: as many as there are lanes, and some to be worked on by fours. */
export const RING = 272
/** Counts of a histogram; of a lane there are two, of waits and of totals. */
export const BUCKETS = 1664
/** Bytes from one lane's histograms to the next. */
export const TALLY = BUCKETS * 8
/** Later than any moment. */
export const NEVER = i32.MAX_VALUE

/** A piece as it comes, ms. */
export const arrivalMs: usize = memory.data(PIECE * 8, 16)
export const holdMs: usize = memory.data(PIECE * 8, 16)

/** What the pool without bound did with it. */
export const rows: usize = memory.data(PIECE * ROW, 16)
/** Most busy just before a checkout, for each stride. */
export const peaks: usize = memory.data((PIECE / STRIDE) * 4, 16)
/** Places at which a connection was opened. */
export const openedAt: usize = memory.data(PIECE * 4, 16)
/** The latest ends of the pieces before, a ring. */
export const before: usize = memory.data(RING, 16)
export const baseTallies: usize = memory.data(TALLY, 16)

export const sizes: usize = memory.data(LANES * 4, 16)
export const own: usize = memory.data(LANES, 16)
export const counted: usize = memory.data(LANES, 16)
export const opened: usize = memory.data(LANES * 8, 16)
export const timeouts: usize = memory.data(LANES * 8, 16)
export const refusedTicks: usize = memory.data(LANES * 8, 16)
export const waitedTicks: usize = memory.data(LANES * 8, 16)
export const tallies: usize = memory.data(LANES * TALLY, 16)

export function rowAt(place: i32): usize {
  return rows + place * ROW
}

/** The most busy of the stride that begins at a place. */
export function peakAt(place: i32): i32 {
  return load<i32>(peaks + (place / STRIDE) * 4)
}

/** The bucket of a duration in ticks, see `src/replay/histogram.ts`. */
export function bucketOf(ticks: i32): i32 {
  if (ticks < 128) return ticks
  const shift = 25 - clz(ticks)
  return (shift << 6) + (ticks >> shift)
}

export function count(tally: usize, bucket: i32, by: i32): void {
  const at = tally + (bucket << 2)
  store<i32>(at, load<i32>(at) + by)
}
