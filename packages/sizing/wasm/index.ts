// The replay of independent checkouts, in AssemblyScript: TypeScript's syntax, but every number is one of WebAssembly,
// four of 32 bits are worked on at once, and memory is addressed in bytes. `src/replay/engine.ts` uses it and says what it
// all means; `pnpm --filter @poolscope/sizing wasm` compiles it into `src/replay/engine-wasm.ts`.
import { beginLanes, replayLane } from './lanes'
import { beginUnbounded, replayUnbounded } from './unbounded'

export {
  arrivalMs,
  baseTallies,
  counted,
  holdMs,
  opened,
  own,
  refusedTicks,
  sizes,
  tallies,
  timeouts,
  waitedTicks,
} from './memory'
export { baseWaitedTicks, heldTicks } from './unbounded'

/** Begins, once the sizes are written. Times are in ticks. */
export function begin(
  lanes: i32,
  checkouts: i32,
  ticksPerMs: f64,
  min: i32,
  acquireTimeout: i32,
  idleTimeout: i32,
  connect: i32,
): void {
  beginUnbounded(checkouts, ticksPerMs, min, idleTimeout, connect)
  beginLanes(lanes, acquireTimeout)
}

/** Replays the next checkouts. */
export function replay(lanes: i32, checkouts: i32): void {
  replayUnbounded(checkouts)
  for (let lane = 0; lane < lanes; lane++) replayLane(lane, checkouts)
}
