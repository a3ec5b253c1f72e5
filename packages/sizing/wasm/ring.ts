// Moments in order, the earliest first: when each connection of a size comes free.
import { NEVER, RING } from './memory'

/** Fills a ring for a size. */
export function fillRing(ring: usize, size: i32, moment: i32): void {
  for (let i = 0; i < RING / 4; i++) store<i32>(ring + (i << 2), i < size ? moment : NEVER)
}

/** The last four of the moments. */
export function lastOf(ring: usize, size: i32): usize {
  return ring + (((size - 1) >> 2) << 4)
}

/**
 * Puts a moment that is not before the earliest in the place of that, and answers which is the earliest then. The order
 * is kept without a search: each place gets the moment behind it, unless the new one belongs before that. A search is
 * the one jump in all of a replay that a processor cannot foresee.
 */
export function give(ring: usize, last: usize, moment: i32): i32 {
  const moments = i32x4.splat(moment)
  let four = v128.load(ring)
  for (let at = ring; at < last; at += 16) {
    const after = v128.load(at, 16)
    const behind = v128.shuffle<i32>(four, after, 1, 2, 3, 4)
    v128.store(at, i32x4.max_s(four, i32x4.min_s(behind, moments)))
    four = after
  }
  const behind = v128.shuffle<i32>(four, i32x4.splat(NEVER), 1, 2, 3, 4)
  v128.store(last, i32x4.max_s(four, i32x4.min_s(behind, moments)))
  return load<i32>(ring)
}
