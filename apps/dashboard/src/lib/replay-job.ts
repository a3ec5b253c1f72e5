import {
  knowsCallers,
  type Prediction,
  planReplay,
  type ReplayPlan,
  type SizePrediction,
  type TracedPool,
} from '@poolscope/sizing'
import type { ReadyRecord } from './replay-record.ts'
import { type Hand, type Share, sizesOf } from './replay-share.ts'

/** Settings by pool: which of them was recorded only the record says. */
export type PoolSettings = ReadonlyMap<string, TracedPool>

/** What the replay's worker is asked, one after the other. */
export type ReplayRequest =
  /** Whose record: it comes, and a first answer is made ready, while the page still asks for the settings. */
  { kind: 'read'; groupId: string } | { kind: 'replay'; pools: PoolSettings }

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

/** A clock, and how long the replay works between two looks at what else there is to do, ms. */
export type Pace = { nowMs: () => number; stepMs: number }

/**
 * Says what was found, and replays it where there is something to replay: first the last five minutes, then all of it,
 * shared with other threads. Ends where it is no longer iterated.
 */
export async function* recordJob(
  record: ReadyRecord | null,
  pools: PoolSettings,
  pace: Pace,
): AsyncGenerator<ReplayMessage, void, void> {
  const head = record?.head ?? null
  yield {
    kind: 'found',
    record: head === null ? null : { poolId: head.poolId, windows: head.blocks.length },
  }
  const pool = head === null ? undefined : pools.get(head.poolId)
  if (record === null || record.head.blocks.length === 0 || pool === undefined) yield { kind: 'done' }
  else yield* replayJob(record, pool, pace)
}

async function* replayJob(
  { recent, whole, hands }: ReadyRecord,
  pool: TracedPool,
  pace: Pace,
): AsyncGenerator<ReplayMessage, void, void> {
  try {
    if (recent !== null) {
      const plan = planReplay(recent, pool, 'some sizes')
      yield* predicted('recent', plan, pool, { hands: [], first: shared([], pool, null) }, pace)
    }
    const record = await whole
    for (const hand of hands) hand.read(record.packed)
    const first = shared(hands, pool, null)
    const trace = record.trace()
    yield {
      kind: 'recorded',
      recorded: {
        windowMs: trace.windowMs,
        checkouts: trace.arrivalMs.length,
        callersKnown: knowsCallers(trace),
      },
    }
    yield* predicted('whole', planReplay(trace, pool, 'all sizes'), pool, { hands, first }, pace)
    yield { kind: 'done' }
  } catch (error) {
    yield { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

type Shares = Promise<(SizePrediction[] | null)[]>

/** Other threads, and what they were asked already. */
type Team = { hands: readonly Hand[]; first: Shares }

function shared(hands: readonly Hand[], pool: TracedPool, found: Share['found']): Shares {
  const of = hands.length + 1
  return Promise.all(hands.map((hand, i) => hand.replay({ pool, found, turn: i + 1, of })))
}

async function* predicted(
  name: Stage,
  plan: ReplayPlan,
  pool: TracedPool,
  { hands, first }: Team,
  pace: Pace,
): AsyncGenerator<ReplayMessage, void, void> {
  async function* round(found: Share['found'], theirs: Shares, from: number, to: number) {
    const of = hands.length + 1
    const all = yield* stage(name, plan.replay(sizesOf(plan, { found, turn: 0, of })), pace, from, to)
    for (const [i, sizes] of (await theirs).entries()) {
      const left = () => plan.replay(sizesOf(plan, { found, turn: i + 1, of }))
      all.push(...(sizes ?? (yield* stage(name, left(), pace, to, to))))
    }
    return all
  }
  const { ratio } = plan.first
  const found = yield* round(null, first, 0, ratio)
  const more = plan.next(found).length > 0
  const around = more ? yield* round(found, shared(hands, pool, found), ratio, 1) : []
  yield { kind: 'prediction', prediction: plan.conclude([...found, ...around]) }
  yield { kind: 'progress', stage: name, ratio: 1 }
}

/** Goes through the steps of this thread, and says how far from one ratio to another it has come. */
async function* stage<T>(
  name: Stage,
  steps: Generator<number, T, void>,
  { nowMs, stepMs }: Pace,
  from: number,
  to: number,
): AsyncGenerator<ReplayMessage, T, void> {
  for (;;) {
    const until = nowMs() + stepMs
    let next = steps.next()
    while (next.done !== true && nowMs() < until) next = steps.next()
    if (next.done === true) return next.value
    yield { kind: 'progress', stage: name, ratio: from + (to - from) * next.value }
    // Lets what has come of the record in.
    if (name === 'recent') await new Promise((resolve) => setTimeout(resolve))
  }
}
