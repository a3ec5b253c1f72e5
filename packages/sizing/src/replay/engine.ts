import { ENGINE_WASM } from './engine-wasm.ts'
import { BUCKETS } from './histogram.ts'
import type { PoolRules, Work } from './open-loop.ts'

/**
 * What the replay of independent checkouts counts, in WebAssembly (`wasm/`): of the pool without bound, in which nobody
 * ever waits for another's connection, only for one to be opened, and of each size, a lane.
 *
 * Nearly all the time of a replay goes into one question, to where in the order of moments at which connections come free
 * a new one belongs, whose answer a processor cannot foresee. WebAssembly moves four moments at once, and need not ask.
 */
export type Engine = {
  /** Replays the checkouts from one place to another, at most {@link PIECE}. */
  replay(from: number, to: number): void
  /** The pool without bound: sums since the replay began, ticks. */
  readonly heldTicks: number
  readonly baseWaitedTicks: number
  /** Its counts of waits and then of totals, since they were cleared. */
  readonly baseTallies: Int32Array
  /**
   * 1 where the size cannot keep up with the traffic as a whole: it is never one with the unbounded pool for long, so
   * it is replayed on its own from the start to the end, and what stands here of it are totals and no differences.
   */
  readonly own: Uint8Array
  /** 1 where anything was counted in `tallies` since they were cleared. */
  readonly counted: Uint8Array
  /** Totals of each size. */
  readonly opened: Float64Array
  readonly timeouts: Float64Array
  readonly refusedTicks: Float64Array
  /** By how much more callers waited than in the unbounded pool, ticks. */
  readonly waitedTicks: Float64Array
  /** Counts of each size less those of the unbounded pool, waits and then totals, since they were cleared. */
  readonly tallies: Int32Array
}

/** Most checkouts in one piece of a replay: some milliseconds of work for all sizes. */
export const PIECE = 2048

/** Most sizes of one replay, and the largest of them. */
const LANES = 64
/** Stands for no time-out: later than any tick. */
const NEVER = 0x3fffffff

/**
 * Makes a lane for each size.
 * @param load connections that the traffic keeps busy, in the mean
 */
export function makeEngine(
  { arrivalMs, holdMs }: Work,
  rules: PoolRules,
  sizes: readonly number[],
  load: number,
  tickMs: number,
): Engine {
  const wasm = instance()
  const ticks = (ms: number) => Math.min(NEVER, Math.round(ms / tickMs))
  new Int32Array(wasm.memory.buffer, wasm.sizes.value, LANES).set(sizes)
  const { min, acquireTimeoutMs, idleTimeoutMs, connectMs } = rules
  const times = [ticks(acquireTimeoutMs), ticks(idleTimeoutMs), ticks(connectMs)] as const
  wasm.begin(sizes.length, arrivalMs.length, 1 / tickMs, min, ...times)
  // It has its memory now.
  const { buffer } = wasm.memory
  const flags = (at: Place) => new Uint8Array(buffer, wasm[at].value, LANES)
  const totals = (at: Place) => new Float64Array(buffer, wasm[at].value, LANES)
  const counts = (at: Place, lanes: number) => new Int32Array(buffer, wasm[at].value, lanes * 2 * BUCKETS)
  const times64 = (at: Place) => new Float64Array(buffer, wasm[at].value, PIECE)
  const [arrivals, holds] = [times64('arrivalMs'), times64('holdMs')]
  const own = flags('own')
  own.set(sizes.map((size) => (size <= load ? 1 : 0)))
  return {
    replay(from, to) {
      arrivals.set(arrivalMs.subarray(from, to))
      holds.set(holdMs.subarray(from, to))
      wasm.replay(sizes.length, to - from)
    },
    get heldTicks() {
      return wasm.heldTicks.value
    },
    get baseWaitedTicks() {
      return wasm.baseWaitedTicks.value
    },
    baseTallies: counts('baseTallies', 1),
    own,
    counted: flags('counted'),
    opened: totals('opened'),
    timeouts: totals('timeouts'),
    refusedTicks: totals('refusedTicks'),
    waitedTicks: totals('waitedTicks'),
    tallies: counts('tallies', sizes.length),
  }
}

type Place = 'arrivalMs' | 'holdMs' | 'sizes' | Exclude<keyof Engine, 'replay'>

/** What `wasm/index.ts` exports. */
type Wasm = Record<Place, { value: number }> & {
  memory: { buffer: ArrayBuffer }
  begin(
    lanes: number,
    checkouts: number,
    ticksPerMs: number,
    min: number,
    acquireTimeout: number,
    idleTimeout: number,
    connect: number,
  ): void
  replay(lanes: number, checkouts: number): void
}

// Of browsers and of Node alike, and not of the language.
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { exports: object }
}

let compiled: object | null = null

function instance(): Wasm {
  compiled ??= new WebAssembly.Module(
    Uint8Array.from(ENGINE_WASM.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)),
  )
  return new WebAssembly.Instance(compiled).exports as Wasm
}
