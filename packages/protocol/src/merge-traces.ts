import type { TraceBlock } from './trace.ts'

/**
 * Puts windows that follow each other together as one trace from the first on, in order of arrival. Checkouts that
 * asked before the first window are left out.
 * @param windows oldest first, each with its start on one clock, ms
 * @param heldMs for how long each connection was held that is in use at the end
 */
export function mergeTraces(
  windows: readonly { fromMs: number; block: TraceBlock }[],
  heldMs: readonly number[],
): TraceBlock {
  const startMs = windows[0]?.fromMs ?? 0
  const last = windows.at(-1)
  const windowMs = last === undefined ? 0 : last.fromMs + last.block.windowMs - startMs
  const most = windows.reduce((sum, { block }) => sum + block.arrivalMs.length, heldMs.length)
  const all = columns(most)
  let n = 0
  for (const { fromMs, block } of windows) {
    const { arrivalMs, waitMs, holdMs, caller } = block
    for (let i = 0; i < arrivalMs.length; i++) {
      const arrival = (arrivalMs[i] as number) + fromMs - startMs
      if (arrival < 0) continue
      all.arrivalMs[n] = Math.min(arrival, windowMs)
      all.waitMs[n] = waitMs[i] as number
      all.holdMs[n] = holdMs[i] as number
      all.caller[n++] = caller[i] as number
    }
  }
  const settled = n
  for (const ms of heldMs) {
    if (ms > windowMs) continue
    all.arrivalMs[n] = windowMs - ms
    all.holdMs[n++] = ms
  }
  const order = orderOf(all.arrivalMs.subarray(0, n), windowMs)
  const sorted = columns(n)
  const inFlight: number[] = []
  for (let place = 0; place < n; place++) {
    const i = order[place] as number
    sorted.arrivalMs[place] = all.arrivalMs[i] as number
    sorted.waitMs[place] = all.waitMs[i] as number
    sorted.holdMs[place] = all.holdMs[i] as number
    sorted.caller[place] = all.caller[i] as number
    if (i >= settled) inFlight.push(place)
  }
  return { windowMs, ...sorted, inFlight }
}

function columns(length: number) {
  return {
    arrivalMs: new Float64Array(length),
    waitMs: new Float64Array(length),
    holdMs: new Float64Array(length),
    caller: new Uint32Array(length),
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
