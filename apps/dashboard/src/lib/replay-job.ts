import { decodeTrace, mergeTraces, type Trace as PackedTrace } from '@poolscope/protocol'
import { createReplay, type Prediction, type TracedPool } from '@poolscope/sizing'

/** What the replay's worker is asked. */
export type ReplayRequest = {
  /** Where the agent has the record. */
  path: string
  /** Settings by pool: which of them was recorded only the record says. */
  pools: ReadonlyMap<string, TracedPool>
  /** Counts up when the record is asked for anew. */
  attempt: number
}

/** What was recorded, before anything is predicted from it. */
export type Recorded = {
  windowMs: number
  checkouts: number
  /** Some checkouts say which request asked for them. */
  callersKnown: boolean
}

/** Whose record the agent has. */
export type Found = { poolId: string; windows: number }

/** What the replay's worker answers, one after the other; `done`, `failed` or `unread` is the last. */
export type ReplayMessage =
  /** What the agent has: whose record, and how many windows of it; null where no probe measures the pool. */
  | { kind: 'found'; record: Found | null }
  /** It did not come. */
  | { kind: 'unread'; message: string }
  | { kind: 'recorded'; recorded: Recorded }
  /** Share of the stage, 0 to 1: of the last five minutes at first, then of everything. */
  | { kind: 'progress'; stage: 'recent' | 'whole'; ratio: number }
  | { kind: 'prediction'; prediction: Prediction }
  | { kind: 'done' }
  | { kind: 'failed'; message: string }

/** How long the replay works between two messages, ms. */
const STEP_MS = 50
/** What a first answer is taken from, ms. */
const RECENT_MS = 300_000

/** Says what was found, and replays it where there is something to replay. */
export function* recordJob(
  packed: PackedTrace | null,
  pools: ReplayRequest['pools'],
  nowMs: () => number,
): Generator<ReplayMessage, void, void> {
  yield {
    kind: 'found',
    record: packed === null ? null : { poolId: packed.poolId, windows: packed.blocks.length },
  }
  const pool = packed === null ? undefined : pools.get(packed.poolId)
  if (packed === null || packed.blocks.length === 0 || pool === undefined) yield { kind: 'done' }
  else yield* replayJob(packed, pool, nowMs)
}

/**
 * Unpacks a pool's traffic and replays it: first the last five minutes, then all of it. Ends where it is no longer iterated.
 * @param nowMs a clock, for the length of a step
 */
function* replayJob(
  packed: PackedTrace,
  pool: TracedPool,
  nowMs: () => number,
): Generator<ReplayMessage, void, void> {
  try {
    const recentFrom = packed.blocks.findLastIndex(
      ({ fromMs }) => fromMs <= (packed.blocks.at(-1)?.fromMs ?? 0) - RECENT_MS,
    )
    // To put an hour together takes a while: the first answer does not wait for it.
    const answered = recentFrom > 0
    if (answered) yield* firstAnswer(packed, recentFrom, pool, nowMs)
    const trace = traceOf(packed, 0)
    yield {
      kind: 'recorded',
      recorded: {
        windowMs: trace.windowMs,
        checkouts: trace.arrivalMs.length,
        callersKnown: trace.caller.some((id) => id !== 0),
      },
    }
    const replay = createReplay(trace, pool, nowMs)
    let shown: Prediction | null = null
    for (;;) {
      const { stage, progressRatio, prediction, done } = replay.step(STEP_MS)
      yield { kind: 'progress', stage, ratio: progressRatio }
      // The last five minutes are not said twice.
      if (prediction !== null && prediction !== shown && (done || !answered))
        yield { kind: 'prediction', prediction }
      shown = prediction
      if (done) break
    }
    yield { kind: 'done' }
  } catch (error) {
    yield { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

/** The first prediction of a replay of the last windows: of the last five minutes, as these are a little longer. */
function* firstAnswer(
  packed: PackedTrace,
  from: number,
  pool: TracedPool,
  nowMs: () => number,
): Generator<ReplayMessage, void, void> {
  const replay = createReplay(traceOf(packed, from), pool, nowMs)
  for (;;) {
    const { progressRatio, prediction, done } = replay.step(STEP_MS)
    if (prediction !== null) {
      yield { kind: 'prediction', prediction }
      return
    }
    yield { kind: 'progress', stage: 'recent', ratio: progressRatio }
    if (done) return
  }
}

function traceOf({ blocks, heldMs }: PackedTrace, from: number) {
  return mergeTraces(
    blocks.slice(from).map(({ fromMs, data }) => ({ fromMs, block: decodeTrace(bytesOf(data)) })),
    heldMs,
  )
}

function bytesOf(base64: string): Uint8Array {
  const text = atob(base64)
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}
