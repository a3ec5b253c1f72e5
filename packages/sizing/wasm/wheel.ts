// The moments at which the busy connections of the pool without bound come free. Adding one and taking the earliest cost
// the same however many there are: near ends are bits of a ring, far ones wait in a heap.
import { NEVER } from './memory'

const WHEEL = 1 << 14
const MASK = WHEEL - 1
const WORD_MASK = (WHEEL >> 5) - 1
/** Ends further away than this wait in the heap until they come near. */
const SPAN = WHEEL - 64

const counts: usize = memory.data(WHEEL * 4, 16)
const bits: usize = memory.data(WHEEL / 8, 16)
let near = 0
/** Behind all else, with room for as many as there are checkouts. */
let heap: usize = 0
let far = 0
let farKey = NEVER

/** Makes room for so many ends. */
export function beginWheel(most: i32): void {
  heap = memory.size() << 16
  memory.grow(((most << 2) >> 16) + 1)
}

/** Adds an end. @param from a tick before which no end lies, in the wheel or still to be added */
export function addEnd(end: i32, from: i32): void {
  if (end - from < SPAN) put(end)
  else push(end)
}

/** Takes the earliest end and answers the next, NEVER when none is left. @param earliest smallest of all ends */
export function takeEnd(earliest: i32): i32 {
  if (farKey - earliest < SPAN) {
    while (far > 0 && farKey - earliest < SPAN) put(pop())
  }
  const place = earliest & MASK
  const at = counts + (place << 2)
  const left = load<i32>(at) - 1
  store<i32>(at, left)
  near--
  if (left > 0) return earliest
  let word = place >> 5
  const others = load<i32>(bits + (word << 2)) & ~(1 << (place & 31))
  store<i32>(bits + (word << 2), others)
  if (near === 0) return farKey
  // Bits below this place in its own word are the far side of the ring: they are looked at last.
  let set = others & (-1 << (place & 31))
  let base = earliest - (place & 31)
  while (set === 0) {
    word = (word + 1) & WORD_MASK
    set = load<i32>(bits + (word << 2))
    base += 32
  }
  return base + ctz(set)
}

function put(end: i32): void {
  const place = end & MASK
  const at = counts + (place << 2)
  store<i32>(at, load<i32>(at) + 1)
  const word = bits + ((place >> 5) << 2)
  store<i32>(word, load<i32>(word) | (1 << (place & 31)))
  near++
}

function keyAt(at: i32): i32 {
  return load<i32>(heap + (at << 2))
}

function push(key: i32): void {
  let at = far++
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = keyAt(parent)
    if (above <= key) break
    store<i32>(heap + (at << 2), above)
    at = parent
  }
  store<i32>(heap + (at << 2), key)
  farKey = keyAt(0)
}

function pop(): i32 {
  const first = farKey
  const key = keyAt(--far)
  let at = 0
  for (let child = 1; child < far; child = at * 2 + 1) {
    if (child + 1 < far && keyAt(child + 1) < keyAt(child)) child++
    if (keyAt(child) >= key) break
    store<i32>(heap + (at << 2), keyAt(child))
    at = child
  }
  store<i32>(heap + (at << 2), key)
  farKey = far > 0 ? keyAt(0) : NEVER
  return first
}
