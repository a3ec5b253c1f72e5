import { mergeTraces, type TraceHead } from '@poolscope/protocol'
import {
  createReplay,
  knowsCallers,
  lastOf,
  type Prediction,
  type Replay,
  type Trace,
  type TracedPool,
} from '@poolscope/sizing'
import type { TraceRecord } from './trace-record.ts'

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
  | { kind: 'progress'; stage: Stage; ratio: number }
  | { kind: 'prediction'; prediction: Prediction }
  | { kind: 'done' }
  | { kind: 'failed'; message: string }

type Stage = 'recent' | 'whole'

/** How long the replay works between two messages, ms. */
const STEP_MS = 50
/** What a first answer is taken from, ms. */
const RECENT_MS = 300_000

/**
 * Says what was found, and replays it where there is something to replay: first the last five minutes, then all of it.
 * Ends where it is no longer iterated.
 * @param nowMs a clock, for the length of a step
 */
export async function* recordJob(
  record: TraceRecord | null,
  pools: ReplayRequest['pools'],
  nowMs: () => number,
  stepMs = STEP_MS,
): AsyncGenerator<ReplayMessage, void, void> {
  const head = record?.head ?? null
  yield {
    kind: 'found',
    record: head === null ? null : { poolId: head.poolId, windows: head.blocks.length },
  }
  const pool = head === null ? undefined : pools.get(head.poolId)
  if (record === null || record.head.blocks.length === 0 || pool === undefined) yield { kind: 'done' }
  else yield* replayJob(record, pool, nowMs, stepMs)
}

async function* replayJob(
  record: TraceRecord,
  pool: TracedPool,
  nowMs: () => number,
  stepMs: number,
): AsyncGenerator<ReplayMessage, void, void> {
  try {
    const recent = recentWindows(record.head)
    const { length } = record.head.blocks
    // To read an hour and to put it together takes a while: the first answer does not wait for it.
    if (recent < length) {
      const last = lastOf(await traceOf(record, recent), RECENT_MS)
      yield* stage('recent', createReplay(last, pool, nowMs, 'some sizes'), stepMs)
    }
    const trace = await traceOf(record, length)
    yield {
      kind: 'recorded',
      recorded: {
        windowMs: trace.windowMs,
        checkouts: trace.arrivalMs.length,
        callersKnown: knowsCallers(trace),
      },
    }
    yield* stage('whole', createReplay(trace, pool, nowMs, 'all sizes'), stepMs)
    yield { kind: 'done' }
  } catch (error) {
    yield { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

function* stage(name: Stage, replay: Replay, stepMs: number): Generator<ReplayMessage, void, void> {
  for (;;) {
    const { progressRatio, prediction, done } = replay.step(stepMs)
    if (prediction !== null) yield { kind: 'prediction', prediction }
    yield { kind: 'progress', stage: name, ratio: progressRatio }
    if (done) return
  }
}

/** How many windows the last five minutes are; all of a record that is not much longer. */
function recentWindows({ blocks }: TraceHead): number {
  const from = (blocks[0]?.fromMs ?? 0) - RECENT_MS
  const older = blocks.findIndex(({ fromMs }) => fromMs <= from)
  return older < 0 ? blocks.length : older + 1
}

async function traceOf({ head, newest }: TraceRecord, windows: number): Promise<Trace> {
  return mergeTraces(await newest(windows), head.heldMs)
}
