import { firstFrom } from './order.ts'
import type { Trace } from './trace.ts'

/** A time in which connections were held and none came back, though by the holds of the trace many should have. */
export type Stall = { fromMs: number; toMs: number }

/** Shorter ones are not looked for, ms: no size is chosen by them. */
const LEAST_MS = 30
/** The trace is looked through in parts so long, ms. A stall covers some of them whole. */
const PART_MS = LEAST_MS / 3
/** Most such parts; in a longer trace they are longer. */
const MOST_PARTS = 1_000_000
/** With fewer held, two reports that take long would look the same. */
const LEAST_HELD = 3
/** Of traces without a stall, the share in which chance may make one. */
const CHANCE = 1e-3
/** Longest queue of a stall, over the stall: with nine of ten connections busy before, it takes nine times as long to go. */
const QUEUE_RATIO = 9
/** Holds that stand for all. */
const SAMPLE = 20_000

/**
 * Finds when everything stood still: the server, the network or the process that asks. What is held then ends late
 * whatever the pool's size, so that these times say nothing of the size.
 *
 * A silence is a stall where it is beyond chance that all who held a connection, each for as long as it had by then,
 * went on to hold it to the end of the silence, and where afterwards at least half of them came back within the time that
 * nine of ten holds take: long work side by side ends at times of its own.
 */
export function stallsOf(trace: Trace): Stall[] {
  const parts = partsOf(trace)
  const silences = silencesOf(parts)
  if (silences.length === 0) return []
  listen(trace, parts, silences)
  const holds = sampleOf(trace)
  const usualMs = holds[Math.floor(holds.length * 0.9)] ?? 0
  const leastChance = Math.log(CHANCE / parts.completed)
  return silences.flatMap(({ fromMs, startsMs, endsMs }) => {
    const toMs = endsMs.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
    if (toMs - fromMs < LEAST_MS || startsMs.length < LEAST_HELD) return []
    const back = endsMs.filter((ms) => ms <= toMs + usualMs).length
    if (back < endsMs.length / 2) return []
    const chance = startsMs.reduce((sum, startMs) => {
      const ageMs = Math.max(0, fromMs - startMs)
      return sum + Math.log(longerRatio(holds, toMs - startMs) / longerRatio(holds, ageMs))
    }, 0)
    return chance < leastChance ? [{ fromMs, toMs }] : []
  })
}

/** What stalls did to a trace. */
export type Stalls = {
  count: number
  longestMs: number
  totalMs: number
  /** Share of the checkouts that asked in one or in the queue that it left, until nobody waited any more. */
  askedRatio: number
  /**
   * How many asked during the stalls, over how many do in as much time: next to none where the process that asks stood still itself,
   * or where all its callers were waiting to be answered.
   */
  askingRatio: number
}

/** Finds the stalls of a trace and who met them; `null` without any. */
export function stallsIn(trace: Trace): Stalls | null {
  const stalls = stallsOf(trace)
  if (stalls.length === 0) return null
  const longs = stalls.map(({ fromMs, toMs }) => toMs - fromMs)
  return {
    count: stalls.length,
    longestMs: longs.reduce((a, b) => Math.max(a, b)),
    totalMs: longs.reduce((a, b) => a + b),
    askedRatio: metIn(trace, stalls) / trace.arrivalMs.length,
    askingRatio: askingIn(trace, stalls),
  }
}

/** What of a stall is looked at for who asked: a process that goes on again asks before it sees what came back. */
const CERTAIN = 0.75

function askingIn({ arrivalMs, windowMs }: Trace, stalls: readonly Stall[]): number {
  let asked = 0
  let stoodMs = 0
  for (const { fromMs, toMs } of stalls) {
    const untilMs = fromMs + CERTAIN * (toMs - fromMs)
    asked += firstFrom(arrivalMs, untilMs) - firstFrom(arrivalMs, fromMs)
    stoodMs += untilMs - fromMs
  }
  return asked / stoodMs / (arrivalMs.length / windowMs)
}

/**
 * How many checkouts asked in a stall or in the queue that it left: until nobody waited, or {@link QUEUE_RATIO} times as
 * long. A pool that is too small always has a queue, and one stall is not to blame for it.
 */
function metIn({ arrivalMs, waitMs }: Trace, stalls: readonly Stall[]): number {
  let met = 0
  let next = 0
  let stoodUntilMs = Number.NEGATIVE_INFINITY
  let queueUntilMs = Number.NEGATIVE_INFINITY
  /** When the last of those who had asked got a connection, or gave up: nobody waits from then on. */
  let servedMs = 0
  for (let i = 0; i < arrivalMs.length; i++) {
    const arrival = arrivalMs[i] as number
    if (servedMs <= arrival && stoodUntilMs < arrival) queueUntilMs = arrival
    for (; next < stalls.length && (stalls[next] as Stall).fromMs < arrival; next++) {
      const { fromMs, toMs } = stalls[next] as Stall
      stoodUntilMs = toMs
      queueUntilMs = Math.max(queueUntilMs, toMs + QUEUE_RATIO * (toMs - fromMs))
    }
    if (arrival < queueUntilMs) met++
    servedMs = Math.max(servedMs, arrival + (waitMs[i] as number))
  }
  return met
}

/** How many came back in each part of the window, and how many were held at its end. */
type Parts = {
  partMs: number
  ends: Int32Array
  held: Int32Array
  completed: number
  meanHoldMs: number
}

function partsOf({ arrivalMs, waitMs, holdMs, inFlight, windowMs }: Trace): Parts {
  const partMs = Math.max(PART_MS, windowMs / MOST_PARTS)
  const perMs = 1 / partMs
  const n = Math.ceil(windowMs * perMs) + 1
  const starts = new Int32Array(n)
  const ends = new Int32Array(n)
  let got = 0
  let sumMs = 0
  for (let i = 0; i < arrivalMs.length; i++) {
    const hold = holdMs[i] as number
    if (Number.isNaN(hold)) continue
    const startMs = (arrivalMs[i] as number) + (waitMs[i] as number)
    const start = (startMs * perMs) | 0
    const end = ((startMs + hold) * perMs) | 0
    got++
    sumMs += hold
    if (start < n) starts[start] = (starts[start] as number) + 1
    if (end < n) ends[end] = (ends[end] as number) + 1
  }
  // Those in flight have not come back.
  for (const place of inFlight) {
    const ageMs = holdMs[place] as number
    const end = (((arrivalMs[place] as number) + (waitMs[place] as number) + ageMs) * perMs) | 0
    sumMs -= ageMs
    if (end < n) ends[end] = (ends[end] as number) - 1
  }
  const completed = got - inFlight.length
  const held = new Int32Array(n)
  for (let part = 0, now = 0; part < n; part++) {
    now += (starts[part] as number) - (ends[part] as number)
    held[part] = now
  }
  return { partMs, ends, held, completed, meanHoldMs: completed === 0 ? 0 : sumMs / completed }
}

/** Nobody came back from the first part to before the last one. */
type Silence = {
  first: number
  last: number
  /** The last that came back before. */
  fromMs: number
  /** Of those who held a connection at its end. */
  startsMs: number[]
  endsMs: number[]
}

/** Silences in which so many more should have come back, by the mean hold, that chance seldom makes one in the trace. */
function silencesOf({ partMs, ends, held, completed, meanHoldMs }: Parts): Silence[] {
  const leastHeldMs = Math.log(completed) * meanHoldMs
  const silences: Silence[] = []
  let first = 0
  let heldMs = 0
  for (let part = 0; part < ends.length; part++) {
    if (ends[part] === 0 && (held[part] as number) > 0) {
      heldMs += (held[part] as number) * partMs
      continue
    }
    // One that lasts to the window's end is not known to have ended.
    if (heldMs > leastHeldMs && ends[part] !== 0) {
      const after = first > 0 && ends[first - 1] !== 0 ? first - 1 : first
      silences.push({ first, last: part, fromMs: after * partMs, startsMs: [], endsMs: [] })
    }
    first = part + 1
    heldMs = 0
  }
  return silences
}

/** Finds who held a connection to the end of each silence, and its limits to the fraction of a part. */
function listen(trace: Trace, { partMs, ends }: Parts, silences: readonly Silence[]): void {
  const { arrivalMs, waitMs, holdMs, inFlight } = trace
  const open = new Set(inFlight)
  const perMs = 1 / partMs
  const next = nextOf(silences, ends.length)
  for (let i = 0; i < arrivalMs.length; i++) {
    const hold = holdMs[i] as number
    if (Number.isNaN(hold)) continue
    const startMs = (arrivalMs[i] as number) + (waitMs[i] as number)
    const endMs = open.has(i) ? Number.POSITIVE_INFINITY : startMs + hold
    const start = (startMs * perMs) | 0
    const end = open.has(i) ? ends.length : (endMs * perMs) | 0
    for (let at = next[start] ?? silences.length; at < silences.length; at++) {
      const silence = silences[at] as Silence
      if (end < silence.last) {
        if (end === silence.first - 1) silence.fromMs = Math.max(silence.fromMs, endMs)
        break
      }
      silence.startsMs.push(startMs)
      silence.endsMs.push(endMs)
    }
  }
}

/** For each part the first silence that ends after it. */
function nextOf(silences: readonly Silence[], parts: number): Int32Array {
  const next = new Int32Array(parts)
  let at = silences.length
  for (let part = parts - 1; part >= 0; part--) {
    if (at > 0 && (silences[at - 1] as Silence).last > part) at--
    next[part] = at
  }
  return next
}

/** Holds that stand for all that were completed, sorted. */
function sampleOf({ holdMs, inFlight }: Trace): Float64Array {
  const open = new Set(inFlight)
  const step = Math.max(1, Math.ceil(holdMs.length / SAMPLE))
  const some: number[] = []
  for (let i = 0; i < holdMs.length; i += step) {
    const hold = holdMs[i] as number
    if (!Number.isNaN(hold) && !open.has(i)) some.push(hold)
  }
  return Float64Array.from(some).sort()
}

/** Share of sorted holds that are at least so long, never none. */
function longerRatio(holds: Float64Array, ms: number): number {
  return (holds.length - firstFrom(holds, ms) + 1) / (holds.length + 1)
}
