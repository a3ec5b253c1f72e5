import { type PoolReport, type Trace, traceHeader } from '@poolscope/protocol'

/** How far back a trace goes. */
const KEPT_MS = 3_600_000
/** Most bytes of one pool's trace: an hour of some 700 checkouts a second. */
const MOST_BYTES = 8 << 20
/** And of all together. */
const MOST_BYTES_OF_ALL = 256 << 20
/** The clocks of two windows without a gap differ by rounding only. */
const SLACK_MS = 1

/** A window as the probe packed it, on a clock of the probe's process. */
export type TraceWindow = { fromMs: number; toMs: number; bytes: Buffer }

/** What a pool lived through lately. */
export type PoolRecord = Omit<Trace, 'blocks'> & {
  /** Oldest first. */
  blocks: readonly TraceWindow[]
}

/** The checkouts of one pool over the last hour, as its probe packed them: windows that follow each other without a gap. */
export class PoolTrace {
  readonly #blocks: TraceWindow[] = []
  #byteCount = 0

  /**
   * Takes in a window, or that there is none; what does not follow the one before begins anew.
   * @param pools how many share the memory
   */
  take(trace: PoolReport['trace'] | null, pools: number): void {
    const bytes = trace ? Buffer.from(trace.data, 'base64') : null
    const windowMs = bytes === null ? null : windowOf(bytes)
    if (!trace || bytes === null || windowMs === null) {
      this.clear()
      return
    }
    const last = this.#blocks.at(-1)
    if (last !== undefined && Math.abs(trace.fromMs - last.toMs) > SLACK_MS) this.clear()
    const toMs = trace.fromMs + windowMs
    this.#blocks.push({ fromMs: trace.fromMs, toMs, bytes })
    this.#byteCount += bytes.length
    const most = Math.min(MOST_BYTES, MOST_BYTES_OF_ALL / pools)
    let gone = 0
    for (const block of this.#blocks) {
      if (this.#byteCount <= most && block.toMs > toMs - KEPT_MS) break
      this.#byteCount -= block.bytes.length
      gone++
    }
    if (gone > 0) this.#blocks.splice(0, gone)
  }

  /** Forgets all: a restart, or a gap. */
  clear(): void {
    this.#blocks.length = 0
    this.#byteCount = 0
  }

  /** The windows, oldest first. */
  get blocks(): readonly TraceWindow[] {
    return this.#blocks
  }

  /** How far the windows reach, ms. */
  get windowMs(): number {
    const last = this.#blocks.at(-1)
    return last === undefined ? 0 : last.toMs - (this.#blocks[0]?.fromMs ?? last.toMs)
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
