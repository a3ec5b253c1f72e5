/** Bounds of a trace, see the protocol's `TRACE_LIMITS`; a test holds the two together. */
export const TRACE_BOUNDS = { checkouts: 8192, perSec: 5000, windowMs: 86_400_000 } as const

const FIRST_SIZE = 256
const VERSION = 1
const TICKS_PER_MS = 10
const STEPS = 32
const LEAST_MS = 0.01

/**
 * Every checkout that was settled since the report before: when it asked, its wait, its hold, its
 * caller. Without a gap or not at all: of a pool that is too fast, or not reported for too long, nothing is kept, as
 * a part of the traffic says nothing about the queue. At most 160 KB, taken as the traffic needs it.
 */
export class TraceLog {
  #arrivalMs = new Float64Array(FIRST_SIZE)
  #waitMs = new Float32Array(FIRST_SIZE)
  #holdMs = new Float32Array(FIRST_SIZE)
  #caller = new Uint32Array(FIRST_SIZE)
  #length = 0
  /** Something of the window is missing. */
  #torn = false
  #sinceMs: number

  constructor(nowMs: number) {
    this.#sinceMs = nowMs
  }

  /** A checkout is settled. @param holdMs NaN where it gave up waiting */
  add(arrivalMs: number, waitMs: number, holdMs: number, caller: number): void {
    if (this.#torn) return
    const at = this.#length
    if (at === this.#arrivalMs.length && !this.#grow()) {
      this.tear()
      return
    }
    this.#arrivalMs[at] = arrivalMs
    this.#waitMs[at] = waitMs
    this.#holdMs[at] = holdMs
    this.#caller[at] = caller
    this.#length = at + 1
  }

  /** A checkout was settled of which too little is known. */
  tear(): void {
    this.#torn = true
    this.#length = 0
  }

  /**
   * What happened since this was last asked, packed, in base64: the layout is in the protocol document.
   * `null` where it is not all there, or more than 5 000 a second.
   */
  collect(nowMs: number): { fromMs: number; data: string } | null {
    const windowMs = nowMs - this.#sinceMs
    if (
      this.#length > Math.max(1, windowMs / 1000) * TRACE_BOUNDS.perSec ||
      windowMs > TRACE_BOUNDS.windowMs
    ) {
      this.tear()
    }
    const trace = this.#torn ? null : { fromMs: this.#sinceMs, data: this.#pack(windowMs) }
    this.#torn = false
    this.#length = 0
    this.#sinceMs = nowMs
    return trace
  }

  #pack(windowMs: number): string {
    const length = this.#length
    const withCallers = this.#caller.subarray(0, length).some((id) => id !== 0)
    // Ten bytes for a head, at most 19 for a checkout: two numbers of 6, one of 2, one of 5.
    const bytes = Buffer.allocUnsafe(32 + length * 19)
    let at = 0
    const put = (value: number) => {
      let rest = value
      while (rest >= 128) {
        bytes[at++] = (rest % 128) + 128
        rest = Math.floor(rest / 128)
      }
      bytes[at++] = rest
    }
    put(VERSION)
    put(withCallers ? 1 : 0)
    put(Math.round(windowMs * TICKS_PER_MS))
    put(length)
    let lastTick = 0
    let lastCaller = 0
    for (let i = 0; i < length; i++) {
      const tick = Math.round(((this.#arrivalMs[i] as number) - this.#sinceMs) * TICKS_PER_MS)
      put(zigzag(tick - lastTick))
      lastTick = tick
      const wait = codeOf(this.#waitMs[i] as number)
      const hold = this.#holdMs[i] as number
      if (Number.isNaN(hold)) put(wait * 8 + 1)
      else {
        put(codeOf(hold) * 8 + (wait === 0 ? 0 : 4))
        if (wait > 0) put(wait)
      }
      if (withCallers) {
        const id = this.#caller[i] as number
        put(zigzag(id - lastCaller))
        lastCaller = id
      }
    }
    return bytes.toString('base64', 0, at)
  }

  #grow(): boolean {
    const size = this.#arrivalMs.length
    if (size >= TRACE_BOUNDS.checkouts) return false
    const arrivalMs = new Float64Array(size * 2)
    arrivalMs.set(this.#arrivalMs)
    this.#arrivalMs = arrivalMs
    const waitMs = new Float32Array(size * 2)
    waitMs.set(this.#waitMs)
    this.#waitMs = waitMs
    const holdMs = new Float32Array(size * 2)
    holdMs.set(this.#holdMs)
    this.#holdMs = holdMs
    const caller = new Uint32Array(size * 2)
    caller.set(this.#caller)
    this.#caller = caller
    return true
  }
}

function zigzag(n: number): number {
  return n < 0 ? -2 * n - 1 : 2 * n
}

/** The number that stands for a duration; at most a day. */
function codeOf(ms: number): number {
  return ms < LEAST_MS ? 0 : 1 + Math.round(STEPS * Math.log2(Math.min(ms, TRACE_BOUNDS.windowMs) / LEAST_MS))
}
