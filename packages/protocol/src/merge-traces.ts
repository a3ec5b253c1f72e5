import {
  checkedHeader,
  TRACE_LIMITS,
  type TraceBlock,
  type TraceColumns,
  traceColumns,
  unpackTrace,
} from './trace.ts'

/** Windows that follow each other, oldest first, packed, each with its start on one clock, ms. */
export type TraceWindows = readonly { fromMs: number; bytes: Uint8Array }[]

/**
 * Unpacks windows that follow each other and puts them together as one trace from the first on, in order of arrival.
 * Checkouts that asked before the first window are left out.
 * @param heldMs for how long each connection was held that is in use at the end
 * @throws RangeError when one is not a packed trace, or all together are too many
 */
export function mergeTraces(windows: TraceWindows, heldMs: readonly number[]): TraceBlock {
  const steps = mergingTraces(windows, heldMs)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Does so window by window, to be left and taken up again in between. @throws RangeError as {@link mergeTraces} */
export function* mergingTraces(
  windows: TraceWindows,
  heldMs: readonly number[],
): Generator<void, TraceBlock, void> {
  const startMs = windows[0]?.fromMs ?? 0
  let windowMs = 0
  let most = heldMs.length
  for (const { fromMs, bytes } of windows) {
    const header = checkedHeader(bytes, TRACE_LIMITS.checkouts - most)
    most += header.checkouts
    windowMs = fromMs + header.windowMs - startMs
  }
  const columns = traceColumns(most)
  let n = 0
  let left = MOST_MOVES * most
  for (const { fromMs, bytes } of windows) {
    const to = { place: n, shiftMs: fromMs - startMs, leastMs: 0, mostMs: windowMs }
    const first = n
    n = unpackTrace(bytes, columns, to, [])
    if (left >= 0) left = sortNearly(columns, first, n, left)
    yield
  }
  const sorted = left >= 0 ? columns : sortedBySlots(columns, n, windowMs)
  const held = heldMs.filter((ms) => ms <= windowMs).sort((a, b) => b - a)
  const inFlight = addHeld(sorted, n, held, windowMs)
  return { windowMs, ...cut(sorted, n + held.length), inFlight }
}

/** Places that a checkout is moved at most, in the mean: with more, to sort by slots is faster. */
const MOST_MOVES = 48

/**
 * Sorts checkouts that follow sorted ones in among them, equal ones as they come. They come as they were settled, so each
 * is only a few places from its own. Answers how many of so many moves are left, less than none where it gave up.
 */
function sortNearly(
  { arrivalMs, waitMs, holdMs, caller }: TraceColumns,
  first: number,
  end: number,
  moves: number,
): number {
  let left = moves
  for (let i = Math.max(1, first); i < end; i++) {
    const arrival = arrivalMs[i] as number
    if ((arrivalMs[i - 1] as number) <= arrival) continue
    const wait = waitMs[i] as number
    const hold = holdMs[i] as number
    const id = caller[i] as number
    let at = i
    for (; at > 0 && (arrivalMs[at - 1] as number) > arrival; at--) {
      arrivalMs[at] = arrivalMs[at - 1] as number
      waitMs[at] = waitMs[at - 1] as number
      holdMs[at] = holdMs[at - 1] as number
      caller[at] = caller[at - 1] as number
    }
    arrivalMs[at] = arrival
    waitMs[at] = wait
    holdMs[at] = hold
    caller[at] = id
    left -= i - at
    if (left < 0) break
  }
  return left
}

/** The first checkouts in order of arrival, equal ones as they come, in columns as long as before. */
function sortedBySlots(columns: TraceColumns, n: number, windowMs: number): TraceColumns {
  const order = orderOf(columns.arrivalMs.subarray(0, n), windowMs)
  const sorted = traceColumns(columns.arrivalMs.length)
  for (let place = 0; place < n; place++) {
    const i = order[place] as number
    sorted.arrivalMs[place] = columns.arrivalMs[i] as number
    sorted.waitMs[place] = columns.waitMs[i] as number
    sorted.holdMs[place] = columns.holdMs[i] as number
    sorted.caller[place] = columns.caller[i] as number
  }
  return sorted
}

/** Puts what is held at the end in its order, after those that asked at the same time; answers its places. */
function addHeld(columns: TraceColumns, n: number, heldMs: readonly number[], windowMs: number): number[] {
  const { arrivalMs, waitMs, holdMs, caller } = columns
  const places: number[] = []
  let to = n + heldMs.length
  let from = n
  for (const ms of heldMs.toReversed()) {
    const arrival = windowMs - ms
    for (; from > 0 && (arrivalMs[from - 1] as number) > arrival; from--) {
      to--
      arrivalMs[to] = arrivalMs[from - 1] as number
      waitMs[to] = waitMs[from - 1] as number
      holdMs[to] = holdMs[from - 1] as number
      caller[to] = caller[from - 1] as number
    }
    to--
    arrivalMs[to] = arrival
    waitMs[to] = 0
    holdMs[to] = ms
    caller[to] = 0
    places.push(to)
  }
  return places.reverse()
}

function cut({ arrivalMs, waitMs, holdMs, caller }: TraceColumns, length: number): TraceColumns {
  return {
    arrivalMs: arrivalMs.subarray(0, length),
    waitMs: waitMs.subarray(0, length),
    holdMs: holdMs.subarray(0, length),
    caller: caller.subarray(0, length),
  }
}

/**
 * Places of times from the earliest, equal ones as they come: into as many slots of the window as there are times,
 * then each slot on its own. An hour of checkouts would take a general sort a second.
 * @param mostMs no time is later, and none is below 0
 */
function orderOf(timesMs: Float64Array, mostMs: number): Int32Array {
  const n = timesMs.length
  const slots = Math.max(1, n)
  const perMs = mostMs > 0 ? (slots - 1) / mostMs : 0
  const from = new Int32Array(slots + 1)
  for (let i = 0; i < n; i++) {
    const slot = Math.floor((timesMs[i] as number) * perMs)
    from[slot + 1] = (from[slot + 1] as number) + 1
  }
  for (let slot = 0; slot < slots; slot++)
    from[slot + 1] = (from[slot + 1] as number) + (from[slot] as number)
  const order = new Int32Array(n)
  const next = from.slice()
  for (let i = 0; i < n; i++) {
    const slot = Math.floor((timesMs[i] as number) * perMs)
    const at = next[slot] as number
    order[at] = i
    next[slot] = at + 1
  }
  for (let slot = 0; slot < slots; slot++)
    sortSlot(order, timesMs, from[slot] as number, from[slot + 1] as number)
  return order
}

/** More times than this in one slot are left to a general sort. */
const FEW = 32

function sortSlot(order: Int32Array, timesMs: Float64Array, first: number, end: number): void {
  if (end - first > FEW) {
    order.subarray(first, end).sort((a, b) => (timesMs[a] as number) - (timesMs[b] as number) || a - b)
    return
  }
  for (let i = first + 1; i < end; i++) {
    const place = order[i] as number
    const ms = timesMs[place] as number
    let at = i
    for (; at > first && (timesMs[order[at - 1] as number] as number) > ms; at--) {
      order[at] = order[at - 1] as number
    }
    order[at] = place
  }
}
