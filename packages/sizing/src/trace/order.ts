/** Places that a value is moved at most, in the mean: with more, a general sort is faster. */
const MOST_MOVES = 64

/**
 * Places of values from the smallest, equal ones as they come. Quick for values that are nearly in order already, as
 * the starts and ends of checkouts are that come in order of arrival.
 */
export function orderOf(values: Float64Array): Int32Array {
  const n = values.length
  const order = new Int32Array(n)
  let left = MOST_MOVES * n
  for (let i = 1; i < n; i++) {
    const value = values[i] as number
    let at = i
    for (; at > 0 && (values[order[at - 1] as number] as number) > value; at--) {
      order[at] = order[at - 1] as number
    }
    order[at] = i
    left -= i - at
    if (left < 0) {
      return Int32Array.from(values.keys()).sort(
        (a, b) => (values[a] as number) - (values[b] as number) || a - b,
      )
    }
  }
  return order
}

/** Ranks of values from 1 for the smallest, equal ones at their mean rank. */
export function ranksOf(values: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(values).sort()
  /** The mean rank of equal values, at the first place of them. */
  const rankAt = new Float64Array(sorted.length)
  for (let first = 0, end = 0; first < sorted.length; first = end) {
    while (sorted[end] === sorted[first]) end++
    rankAt[first] = (first + 1 + end) / 2
  }
  return sorted.map((_, i) => rankAt[firstFrom(sorted, values[i] as number)] as number)
}

/** The first place from which on sorted values are at least as large; their number where none is. */
export function firstFrom(sorted: Float64Array, least: number): number {
  let first = 0
  let end = sorted.length
  while (first < end) {
    const middle = (first + end) >> 1
    if ((sorted[middle] as number) < least) first = middle + 1
    else end = middle
  }
  return first
}
