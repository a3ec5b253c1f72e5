import { type PoolReport, type TraceHead, traceHeader } from '@poolscope/protocol'

/** A window as its probe packed it, in base64. */
type PackedWindow = { fromMs: number; data: string }

/** What a pool lived through, its windows oldest first. */
export type Recorded = Omit<TraceHead, 'blocks'> & { windows: PackedWindow[] }

/** How far back a trace goes. */
const KEPT_MS = 3_600_000
/** Most characters of one pool's trace: an hour of some 700 checkouts a second. */
const MOST_CHARACTERS = 11 << 20
/** And of all together. */
const MOST_OF_ALL = 340 << 20
/** The clocks of two windows without a gap differ by rounding only. */
const SLACK_MS = 1

/** The beginning of a packed trace: its head is no longer. */
const head = Buffer.alloc(18)
const HEAD_CHARACTERS = 24

/**
 * The checkouts of one pool over the last hour, as its probe packed them: windows that follow each other without a gap.
 * They are kept as they came, in base64, which is how they are asked for.
 */
export class PoolTrace {
  #windows: PackedWindow[] = []
  #characters = 0
  /** When the last window ended, ms. */
  #toMs = 0

  /**
   * Takes in a window, or that there is none; what does not follow the one before begins anew.
   * @param pools how many share the memory
   */
  take(trace: PoolReport['trace'], pools: number): void {
    const windowMs = trace ? windowOf(trace.data) : null
    if (!trace || windowMs === null) {
      this.clear()
      return
    }
    if (Math.abs(trace.fromMs - this.#toMs) <= SLACK_MS) this.#windows.push(trace)
    else {
      this.#windows = [trace]
      this.#characters = 0
    }
    this.#characters += trace.data.length
    this.#toMs = trace.fromMs + windowMs
    const gone = this.#tooMany(Math.min(MOST_CHARACTERS, MOST_OF_ALL / pools))
    if (gone > 0) this.#windows.splice(0, gone)
  }

  /** Forgets all: a restart, or a gap. */
  clear(): void {
    this.#windows = []
    this.#characters = 0
  }

  /** The windows, oldest first. */
  windows(): PackedWindow[] {
    return [...this.#windows]
  }

  /** How far the windows reach, ms. */
  get windowMs(): number {
    const [first] = this.#windows
    return first === undefined ? 0 : this.#toMs - first.fromMs
  }

  /** Counts out the oldest windows that are too old, or too many for their share of the memory. */
  #tooMany(most: number): number {
    let gone = 0
    for (const { data } of this.#windows) {
      const toMs = this.#windows[gone + 1]?.fromMs ?? this.#toMs
      if (this.#characters <= most && toMs > this.#toMs - KEPT_MS) break
      this.#characters -= data.length
      gone += 1
    }
    return gone
  }
}

/** `null` for what is not a packed trace. */
function windowOf(data: string): number | null {
  try {
    // Of a text that is written all is taken in hand, however little of it fits.
    const length = head.write(data.slice(0, HEAD_CHARACTERS), 'base64')
    return traceHeader(length < head.length ? head.subarray(0, length) : head).windowMs
  } catch {
    return null
  }
}
