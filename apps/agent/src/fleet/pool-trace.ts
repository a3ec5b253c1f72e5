import { type PoolReport, type Trace, traceHeader } from '@poolscope/protocol'

/** How far back a trace goes. */
const KEPT_MS = 3_600_000
/** Most bytes of one pool's trace: an hour of some 700 checkouts a second. */
const MOST_BYTES = 8 << 20
/** And of all together. */
const MOST_BYTES_OF_ALL = 256 << 20
/** The clocks of two windows without a gap differ by rounding only. */
const SLACK_MS = 1

const NO_BYTES = Buffer.alloc(0)
const LEAST_ROOM = 1024

/**
 * The checkouts of one pool over the last hour, as its probe packed them: windows that follow each other without a gap.
 * They lie one after the other in one piece of memory; an object for each would be millions for the garbage collector.
 */
export class PoolTrace {
  /** The windows, between #start and #end, and room for more. */
  #bytes = NO_BYTES
  #start = 0
  #end = 0
  /** When each window began, ms, and of how many bytes it is. */
  #fromMs: number[] = []
  #lengths: number[] = []
  /** When the last window ended, ms. */
  #toMs = 0

  /**
   * Takes in a window, or that there is none; what does not follow the one before begins anew.
   * @param pools how many share the memory
   */
  take(trace: PoolReport['trace'], pools: number): void {
    if (!trace) {
      this.clear()
      return
    }
    const { fromMs, data } = trace
    const most = Math.floor(Math.min(MOST_BYTES, MOST_BYTES_OF_ALL / pools))
    this.#makeRoom(Buffer.byteLength(data, 'base64'), most)
    const length = this.#bytes.write(data, this.#end, 'base64')
    const windowMs = windowOf(this.#bytes.subarray(this.#end, this.#end + length))
    if (windowMs === null) {
      this.clear()
      return
    }
    if (Math.abs(fromMs - this.#toMs) > SLACK_MS) this.#forget(this.#lengths.length)
    this.#fromMs.push(fromMs)
    this.#lengths.push(length)
    this.#end += length
    this.#toMs = fromMs + windowMs
    this.#forget(this.#tooMany(most))
  }

  /** Forgets all: a restart, or a gap. */
  clear(): void {
    this.#forget(this.#lengths.length)
    this.#bytes = NO_BYTES
    this.#start = 0
    this.#end = 0
  }

  /** The windows, oldest first. */
  blocks(): Trace['blocks'] {
    let at = this.#start
    return this.#fromMs.map((fromMs, i) => {
      const from = at
      at += this.#lengths[i] as number
      return { fromMs, data: this.#bytes.toString('base64', from, at) }
    })
  }

  /** How far the windows reach, ms. */
  get windowMs(): number {
    const [fromMs] = this.#fromMs
    return fromMs === undefined ? 0 : this.#toMs - fromMs
  }

  /** How many of the oldest windows are too old, or too many for their share of the memory. */
  #tooMany(most: number): number {
    let bytes = this.#end - this.#start
    let gone = 0
    for (; gone < this.#lengths.length; gone++) {
      const toMs = this.#fromMs[gone + 1] ?? this.#toMs
      if (bytes <= most && toMs > this.#toMs - KEPT_MS) break
      bytes -= this.#lengths[gone] as number
    }
    return gone
  }

  #forget(oldest: number): void {
    if (oldest === 0) return
    for (let i = 0; i < oldest; i++) this.#start += this.#lengths[i] as number
    this.#fromMs.splice(0, oldest)
    this.#lengths.splice(0, oldest)
  }

  /** Makes room behind the windows: for as much again, up to a quarter of their share of the memory. */
  #makeRoom(more: number, most: number): void {
    if (this.#end + more <= this.#bytes.length) return
    const needed = this.#end - this.#start + more
    const bytes = Buffer.allocUnsafeSlow(Math.max(LEAST_ROOM, needed + Math.min(needed, most >> 2)))
    this.#bytes.copy(bytes, 0, this.#start, this.#end)
    this.#bytes = bytes
    this.#end -= this.#start
    this.#start = 0
  }
}

/** `null` for what is not a packed trace. */
function windowOf(bytes: Uint8Array): number | null {
  try {
    return traceHeader(bytes).windowMs
  } catch {
    return null
  }
}
