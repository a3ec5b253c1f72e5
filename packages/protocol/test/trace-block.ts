import type { TraceBlock } from '../src/trace.ts'

/** A window of a second with these checkouts; what is left out is 0. */
export function block(
  rows: readonly { arrival: number; wait?: number; hold: number; caller?: number }[],
): TraceBlock {
  return {
    windowMs: 1000,
    arrivalMs: Float64Array.from(rows, (row) => row.arrival),
    waitMs: Float64Array.from(rows, (row) => row.wait ?? 0),
    holdMs: Float64Array.from(rows, (row) => row.hold),
    caller: Uint32Array.from(rows, (row) => row.caller ?? 0),
    inFlight: [],
  }
}

/** Traffic of 500 a second with holds of some 20 ms, from a fixed series. */
