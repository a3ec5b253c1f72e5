/**
 * What one pool lived through in one window without a gap, checkout by checkout. In a probe's report those that were
 * settled in the window, in any order; merged by the agent all of them, in order of arrival.
 */
export type TraceBlock = {
  windowMs: number
  /** When it asked, ms from the window's start; negative where it asked before. */
  arrivalMs: Float64Array
  /** How long it waited, ms; for one that gave up, until it did. */
  waitMs: Float64Array
  /** How long it kept the connection, ms; NaN where it gave up waiting. */
  holdMs: Float64Array
  /** Which request or worker asked, as a number of its process; 0 where not known. */
  caller: Uint32Array
  /** Places of checkouts that still hold their connection: their hold is its age. */
  inFlight: readonly number[]
}

/** Bounds of an encoded trace; what lies outside is refused. */
export const TRACE_LIMITS = {
  /** Checkouts of one report's block; a pool that is faster does not send one. */
  blockCheckouts: 8192,
  /** Checkouts of a merged trace. */
  checkouts: 5_000_000,
  /** Longest window, wait and hold. */
  durationMs: 86_400_000,
} as const

const VERSION = 1
const WITH_CALLERS = 1
const HELD = 0
const GAVE_UP = 1
const IN_FLIGHT = 2
const WAITED = 4
/** Arrivals are kept to 0.1 ms. */
const TICKS_PER_MS = 10
/** Durations are kept as powers of two in 32 steps an octave, above 0.01 ms: within 1.1 %. */
const STEPS = 32
const LEAST_MS = 0.01

/** The number that stands for a duration: 0 below 0.01 ms. */
function codeOf(ms: number): number {
  return ms < LEAST_MS ? 0 : 1 + Math.round(STEPS * Math.log2(ms / LEAST_MS))
}

const LARGEST_CODE = codeOf(TRACE_LIMITS.durationMs)
const DURATIONS_MS = Float64Array.from({ length: LARGEST_CODE + 1 }, (_, code) =>
  code === 0 ? 0 : LEAST_MS * 2 ** ((code - 1) / STEPS),
)

/** The largest of the numbers that hold a duration's code and what kind of checkout it is. */
const LARGEST_HEAD = LARGEST_CODE * 8 + 7
const TOO_LONG = 'the trace has a duration of more than a day'

/** @throws RangeError for a duration of more than a day */
function durationOf(code: number): number {
  const ms = DURATIONS_MS[code]
  if (ms === undefined) throw new RangeError(TOO_LONG)
  return ms
}

/**
 * Packs a block into about three bytes a checkout, four with callers: the layout is in the protocol document.
 * @throws RangeError when a column is of another length, or a number out of {@link TRACE_LIMITS}
 */
export function encodeTrace(block: TraceBlock): Uint8Array {
  const { windowMs, arrivalMs, waitMs, holdMs, caller, inFlight } = block
  const length = arrivalMs.length
  if (waitMs.length !== length || holdMs.length !== length || caller.length !== length) {
    throw new RangeError(`the columns of a trace must be of one length, ${length}`)
  }
  if (length > TRACE_LIMITS.checkouts)
    throw new RangeError(`a trace has at most ${TRACE_LIMITS.checkouts} checkouts`)
  const open = new Set(inFlight)
  const withCallers = caller.some((id) => id !== 0)
  const out = writer()
  out.varint(VERSION)
  out.varint(withCallers ? WITH_CALLERS : 0)
  out.varint(Math.round(checked('windowMs', windowMs, 0) * TICKS_PER_MS))
  out.varint(length)
  let lastTick = 0
  let lastCaller = 0
  for (let i = 0; i < length; i++) {
    const arrival = checked('arrivalMs', arrivalMs[i] as number, -TRACE_LIMITS.durationMs)
    const tick = Math.round(arrival * TICKS_PER_MS)
    out.varint(zigzag(tick - lastTick))
    lastTick = tick
    const wait = codeOf(checked('waitMs', waitMs[i] as number, 0))
    const hold = holdMs[i] as number
    if (Number.isNaN(hold)) out.varint(wait * 8 + GAVE_UP)
    else {
      const kind = open.has(i) ? IN_FLIGHT : HELD
      out.varint(codeOf(checked('holdMs', hold, 0)) * 8 + (wait === 0 ? 0 : WAITED) + kind)
      if (wait > 0) out.varint(wait)
    }
    if (withCallers) {
      const id = caller[i] as number
      out.varint(zigzag(id - lastCaller))
      lastCaller = id
    }
  }
  return out.bytes()
}

/**
 * What a packed trace says of itself, without unpacking it.
 * @throws RangeError when it does not begin as one
 */
export function traceHeader(bytes: Uint8Array): { windowMs: number; checkouts: number } {
  const { windowMs, length } = readHeader(new Reader(bytes))
  return { windowMs, checkouts: length }
}

/**
 * The same of a trace that is all there.
 * @throws RangeError also when it cannot hold as many checkouts as it says, or has more than are accepted
 */
export function checkedHeader(bytes: Uint8Array, most: number): ReturnType<typeof traceHeader> {
  const header = traceHeader(bytes)
  // Each checkout takes at least two bytes, so a short input cannot ask for much memory.
  if (header.checkouts > most || header.checkouts * 2 > bytes.length) {
    throw new RangeError(
      `a trace of ${bytes.length} bytes cannot hold ${header.checkouts} checkouts, nor more than ${most}`,
    )
  }
  return header
}

function readHeader(input: Reader) {
  const version = input.varint()
  if (version !== VERSION)
    throw new RangeError(`a trace of version ${version} cannot be read, only ${VERSION}`)
  const flags = input.varint()
  if (flags > WITH_CALLERS) throw new RangeError(`a trace with flags ${flags} cannot be read`)
  const windowMs = checked('windowMs', input.varint() / TICKS_PER_MS, 0)
  return { flags, windowMs, length: input.varint() }
}

/**
 * Unpacks what {@link encodeTrace} packed.
 * @param most checkouts that are accepted
 * @throws RangeError when the bytes are not such a trace: of another version, cut off, too many, too large
 */
export function decodeTrace(bytes: Uint8Array, most: number = TRACE_LIMITS.checkouts): TraceBlock {
  const { windowMs, checkouts } = checkedHeader(bytes, most)
  const columns = traceColumns(checkouts)
  const inFlight: number[] = []
  unpackTrace(bytes, columns, { place: 0, shiftMs: 0, leastMs: -Infinity, mostMs: Infinity }, inFlight)
  return { windowMs, ...columns, inFlight }
}

/** The columns of a trace. */
export type TraceColumns = Pick<TraceBlock, 'arrivalMs' | 'waitMs' | 'holdMs' | 'caller'>

/** Columns with room for so many checkouts. */
export function traceColumns(length: number): TraceColumns {
  return {
    arrivalMs: new Float64Array(length),
    waitMs: new Float64Array(length),
    holdMs: new Float64Array(length),
    caller: new Uint32Array(length),
  }
}

/**
 * Unpacks the checkouts of a packed trace into columns, from a place on: answers the place after them.
 * @param to what is added to each arrival, how early one may be (who asked earlier is left out), and how late (who asked
 *   later is taken to have asked then)
 * @param inFlight takes the places of what still holds its connection
 * @throws RangeError as {@link decodeTrace}
 */
export function unpackTrace(
  bytes: Uint8Array,
  { arrivalMs, waitMs, holdMs, caller }: TraceColumns,
  to: { place: number; shiftMs: number; leastMs: number; mostMs: number },
  inFlight: number[],
): number {
  const { shiftMs, leastMs, mostMs } = to
  const input = new Reader(bytes)
  const { flags, length } = readHeader(input)
  let place = to.place
  let tick = 0
  let lastCaller = 0
  for (let i = 0; i < length; i++) {
    tick += unzigzag(input.varint())
    const arrival = checked('arrivalMs', tick / TICKS_PER_MS, -TRACE_LIMITS.durationMs) + shiftMs
    const head = input.varint()
    if (head > LARGEST_HEAD) throw new RangeError(TOO_LONG)
    const kind = head & 3
    const duration = durationOf(head >> 3)
    const waited = (head & WAITED) !== 0
    if (kind > IN_FLIGHT || (waited && kind === GAVE_UP))
      throw new RangeError(`checkout ${i} is of no known kind`)
    const wait = waited ? durationOf(input.varint()) : 0
    if (flags === WITH_CALLERS) {
      lastCaller += unzigzag(input.varint())
      if (lastCaller < 0 || lastCaller > 0xffff_ffff)
        throw new RangeError(`checkout ${i} has no caller's number`)
    }
    if (arrival < leastMs) continue
    arrivalMs[place] = Math.min(arrival, mostMs)
    waitMs[place] = kind === GAVE_UP ? duration : wait
    holdMs[place] = kind === GAVE_UP ? Number.NaN : duration
    caller[place] = lastCaller
    if (kind === IN_FLIGHT) inFlight.push(place)
    place++
  }
  input.end()
  return place
}

function checked(name: string, ms: number, least: number): number {
  if (!(ms >= least && ms <= TRACE_LIMITS.durationMs)) {
    throw new RangeError(
      `${name} of a trace must be from ${least} to ${TRACE_LIMITS.durationMs} ms, not ${ms}`,
    )
  }
  return ms
}

/** Signed as unsigned: 0, -1, 1, -2 become 0, 1, 2, 3. By arithmetic, for numbers beyond 32 bits. */
function zigzag(n: number): number {
  return n < 0 ? -2 * n - 1 : 2 * n
}

function unzigzag(n: number): number {
  return n % 2 === 1 ? -(n + 1) / 2 : n / 2
}

function writer() {
  let buffer = new Uint8Array(1024)
  let at = 0
  return {
    varint(value: number) {
      if (at + 8 > buffer.length) {
        const more = new Uint8Array(buffer.length * 2)
        more.set(buffer)
        buffer = more
      }
      let rest = value
      while (rest >= 128) {
        buffer[at++] = (rest % 128) + 128
        rest = Math.floor(rest / 128)
      }
      buffer[at++] = rest
    },
    bytes: () => buffer.slice(0, at),
  }
}

/** Reads numbers one after the other: those of one and two bytes, nearly all, at once. */
class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  varint(): number {
    const at = this.#at
    const first = this.#bytes[at] as number
    if (first < 128) {
      this.#at = at + 1
      return first
    }
    const second = this.#bytes[at + 1] as number
    if (second < 128) {
      this.#at = at + 2
      return (first & 127) | (second << 7)
    }
    return this.#long()
  }

  #long(): number {
    let value = 0
    for (let scale = 1; scale < 2 ** 49; scale *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new RangeError('the trace is cut off')
      value += (byte % 128) * scale
      if (byte < 128) return value
    }
    throw new RangeError('the trace has a number of more than 49 bits')
  }

  end(): void {
    const left = this.#bytes.length - this.#at
    if (left !== 0) throw new RangeError(`the trace goes on for ${left} bytes after its end`)
  }
}
