import { type MinHeap, minHeap } from './heap.ts'

/** Stands for no end: later than any tick. A small integer in every engine, as larger ones are slow. */
export const NEVER = 0x3fffffff

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
  readonly counts: Uint16Array
  readonly bits: Int32Array
  readonly far: MinHeap
  farKey: number
  near: number
}

/** Makes an empty wheel. */
export function makeWheel(): Wheel {
  return {
    counts: new Uint16Array(WHEEL),
    bits: new Int32Array(WHEEL >> 5),
    far: minHeap(),
    farKey: NEVER,
    near: 0,
  }
}

/** Adds an end. @param from a tick before which no end lies, in the wheel or still to be added */
export function addEnd(wheel: Wheel, end: number, from: number): void {
  if (end - from < SPAN) put(wheel, end)
  else {
    wheel.far.push(end, 0)
    wheel.farKey = wheel.far.key
  }
}

/** Takes the earliest end and answers the next, {@link NEVER} when none is left. @param earliest smallest of all ends */
export function takeEnd(wheel: Wheel, earliest: number): number {
  const { counts, bits } = wheel
  if (wheel.farKey - earliest < SPAN) bring(wheel, earliest)
  const place = earliest & MASK
  const left = (counts[place] as number) - 1
  counts[place] = left
  wheel.near--
  if (left > 0) return earliest
  let word = place >> 5
  const others = (bits[word] as number) & ~(1 << (place & 31))
  bits[word] = others
  if (wheel.near === 0) return wheel.farKey
  // Bits below this place in its own word are the far side of the ring: they are looked at last.
  let set = others & (-1 << (place & 31))
  let base = earliest - (place & 31)
  while (set === 0) {
    word = (word + 1) & WORD_MASK
    set = bits[word] as number
    base += 32
  }
  return base + 31 - Math.clz32(set & -set)
}

function put(wheel: Wheel, end: number): void {
  const { counts, bits } = wheel
  const place = end & MASK
  counts[place] = (counts[place] as number) + 1
  const word = place >> 5
  bits[word] = (bits[word] as number) | (1 << (place & 31))
  wheel.near++
}

function bring(wheel: Wheel, earliest: number): void {
  const { far } = wheel
  while (far.size > 0 && far.key - earliest < SPAN) {
    put(wheel, far.key)
    far.pop()
  }
  wheel.farKey = far.size > 0 ? far.key : NEVER
}
