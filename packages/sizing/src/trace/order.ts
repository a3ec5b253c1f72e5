/** Places that a value is moved at most, in the mean: with more, a general sort is faster. */
const MOST_MOVES = 64

/**
 * Places of values from the smallest, equal ones as they come. Quick for values that are nearly in order already, as
 * the starts and ends of checkouts are that come in order of arrival.
 */
export function orderOf(values: Float64Array): Int32Array {
  const n = values.length
  const order = Int32Array.from({ length: n }, (_, i) => i)
  let left = MOST_MOVES * n
  for (let i = 1; i < n; i++) {
    const value = values[i] as number
    let at = i
    for (; at > 0 && (values[order[at - 1] as number] as number) > value; at--) {
      order[at] = order[at - 1] as number
    }
    order[at] = i
    left -= i - at
    if (left < 0) return order.sort((a, b) => (values[a] as number) - (values[b] as number) || a - b)
  }
  return order
}

/** Ranks of values from 1 for the smallest, equal ones at their mean rank. */
export function ranksOf(values: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(values).sort()
  return Float64Array.from(values, (value) => {
    const below = firstWhere(sorted, (other) => other >= value)
    return (below + 1 + firstWhere(sorted, (other) => other > value)) / 2
  })
}

/** The first place of sorted values from which on something holds. */
export function firstWhere(sorted: Float64Array, holds: (value: number) => boolean): number {
  let first = 0
  let end = sorted.length
  while (first < end) {
    const middle = (first + end) >> 1
    if (holds(sorted[middle] as number)) end = middle
    else first = middle + 1
  }
  return first
}
