/** A heap of numbers with a whole number attached to each, smallest first, on arrays that grow. */
export type MinHeap = {
  readonly size: number
  /** The smallest key; `Infinity` when empty. */
  readonly key: number
  /** What is attached to the smallest key; undefined behaviour when empty. */
  readonly value: number
  push(key: number, value: number): void
  /** Removes the smallest. */
  pop(): void
  /** Copies all keys, in no order, and answers how many. */
  copyKeys(into: Float64Array): number
}

/** Makes an empty heap. */
export function minHeap(): MinHeap {
  let keys = new Float64Array(256)
  let values = new Int32Array(256)
  let size = 0

  function grow(): void {
    const moreKeys = new Float64Array(keys.length * 2)
    moreKeys.set(keys)
    keys = moreKeys
    const moreValues = new Int32Array(values.length * 2)
    moreValues.set(values)
    values = moreValues
  }

  return {
    get size() {
      return size
    },
    get key() {
      return size === 0 ? Number.POSITIVE_INFINITY : (keys[0] as number)
    },
    get value() {
      return values[0] as number
    },
    push(key, value) {
      if (size === keys.length) grow()
      let at = size++
      while (at > 0) {
        const parent = (at - 1) >> 1
        const above = keys[parent] as number
        if (above <= key) break
        keys[at] = above
        values[at] = values[parent] as number
        at = parent
      }
      keys[at] = key
      values[at] = value
    },
    pop() {
      const key = keys[--size] as number
      const value = values[size] as number
      let at = 0
      for (let child = 1; child < size; child = at * 2 + 1) {
        if (child + 1 < size && (keys[child + 1] as number) < (keys[child] as number)) child++
        if ((keys[child] as number) >= key) break
        keys[at] = keys[child] as number
        values[at] = values[child] as number
        at = child
      }
      keys[at] = key
      values[at] = value
    },
    copyKeys(into) {
      into.set(keys.subarray(0, size))
      return size
    },
  }
}
