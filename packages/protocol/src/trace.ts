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

/** @throws RangeError for a duration of more than a day */
function durationOf(code: number): number {
  const ms = DURATIONS_MS[code]
  if (ms === undefined) throw new RangeError('the trace has a duration of more than a day')
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
  const { windowMs, length } = readHeader(reader(bytes))
  return { windowMs, checkouts: length }
}

function readHeader(input: ReturnType<typeof reader>) {
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
  const input = reader(bytes)
  const { flags, windowMs, length } = readHeader(input)
  // Each checkout takes at least two bytes, so a short input cannot ask for much memory.
  if (length > most || length * 2 > bytes.length) {
    throw new RangeError(
      `a trace of ${bytes.length} bytes cannot hold ${length} checkouts, nor more than ${most}`,
    )
  }
  const arrivalMs = new Float64Array(length)
  const waitMs = new Float64Array(length)
  const holdMs = new Float64Array(length)
  const caller = new Uint32Array(length)
  const inFlight: number[] = []
  let tick = 0
  let lastCaller = 0
  for (let i = 0; i < length; i++) {
    tick += unzigzag(input.varint())
    arrivalMs[i] = checked('arrivalMs', tick / TICKS_PER_MS, -TRACE_LIMITS.durationMs)
    const head = input.varint()
    const kind = head % 4
    const duration = durationOf(Math.floor(head / 8))
    const waited = head % 8 >= WAITED
    if (kind > IN_FLIGHT || (waited && kind === GAVE_UP))
      throw new RangeError(`checkout ${i} is of no known kind`)
    if (kind === GAVE_UP) {
      waitMs[i] = duration
      holdMs[i] = Number.NaN
    } else {
      holdMs[i] = duration
      waitMs[i] = waited ? durationOf(input.varint()) : 0
      if (kind === IN_FLIGHT) inFlight.push(i)
    }
    if (flags === WITH_CALLERS) {
      lastCaller += unzigzag(input.varint())
      if (lastCaller < 0 || lastCaller > 0xffff_ffff)
        throw new RangeError(`checkout ${i} has no caller's number`)
      caller[i] = lastCaller
    }
  }
  input.end()
  return { windowMs, arrivalMs, waitMs, holdMs, caller, inFlight }
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

function reader(bytes: Uint8Array) {
  let at = 0
  function varint(): number {
    const first = bytes[at]
    if (first !== undefined && first < 128) {
      at++
      return first
    }
    let value = 0
    for (let scale = 1; scale < 2 ** 49; scale *= 128) {
      const byte = bytes[at++]
      if (byte === undefined) throw new RangeError('the trace is cut off')
      value += (byte % 128) * scale
      if (byte < 128) return value
    }
    throw new RangeError('the trace has a number of more than 49 bits')
  }
  return {
    varint,
    end() {
      if (at !== bytes.length)
        throw new RangeError(`the trace goes on for ${bytes.length - at} bytes after its end`)
    },
  }
}
