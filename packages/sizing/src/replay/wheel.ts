import { type MinHeap, minHeap } from './heap.ts'

/** Stands for no end: later than any tick. */
export const NEVER = 0x7fffffff

const WHEEL = 1 << 14
const MASK = WHEEL - 1
const WORD_MASK = (WHEEL >> 5) - 1
/** Ends further away than this wait in a heap until they come near. */
const SPAN = WHEEL - 64

/**
 * The moments at which the busy connections of one pool come free, in ticks. Adding one and taking the earliest cost
 * the same however many there are: near ends are bits of a ring, far ones wait in a heap.
 */
export type Wheel = {
  /** Adds an end. @param from a tick before which no end lies, in the wheel or still to be added */
  add(end: number, from: number): void
  /** Takes the earliest and answers the next, {@link NEVER} when none is left. @param earliest smallest of all ends */
  take(earliest: number): number
  clear(): void
}

/** Makes an empty wheel. */
export function wheel(): Wheel {
  const counts = new Uint16Array(WHEEL)
  const bits = new Int32Array(WHEEL >> 5)
  const far: MinHeap = minHeap()
  let farKey = NEVER
  let near = 0

  function put(end: number): void {
    const place = end & MASK
    counts[place] = (counts[place] as number) + 1
    const word = place >> 5
    bits[word] = (bits[word] as number) | (1 << (place & 31))
    near++
  }

  function bring(earliest: number): void {
    while (far.size > 0 && far.key - earliest < SPAN) {
      put(far.key)
      far.pop()
    }
    farKey = far.size > 0 ? far.key : NEVER
  }

  return {
    add(end, from) {
      if (end - from < SPAN) put(end)
      else {
        far.push(end, 0)
        farKey = far.key
      }
    },
    take(earliest) {
      if (farKey - earliest < SPAN) bring(earliest)
      const place = earliest & MASK
      const left = (counts[place] as number) - 1
      counts[place] = left
      near--
      if (left > 0) return earliest
      let word = place >> 5
      const others = (bits[word] as number) & ~(1 << (place & 31))
      bits[word] = others
      if (near === 0) return farKey
      // Bits below this place in its own word are the far side of the ring: they are looked at last.
      let set = others & (-1 << (place & 31))
      let base = earliest - (place & 31)
      while (set === 0) {
        word = (word + 1) & WORD_MASK
        set = bits[word] as number
        base += 32
      }
      return base + 31 - Math.clz32(set & -set)
    },
    clear() {
      counts.fill(0)
      bits.fill(0)
      while (far.size > 0) far.pop()
      farKey = NEVER
      near = 0
    },
  }
}
