import { mergeTraces, type TraceWindows } from '@poolscope/protocol'
import { planReplay, type ReplayPlan, type SizePrediction, type TracedPool } from '@poolscope/sizing'

/** The windows of a record, packed. */
export type PackedWindows = { windows: TraceWindows; heldMs: readonly number[] }

/** The part of a replay that falls to one of several threads. */
export type Share = {
  pool: TracedPool
  /** What was found of the first sizes, when the next ones are shared; null at first. */
  found: readonly SizePrediction[] | null
  /** Whose part, from 0 for the thread that shares. */
  turn: number
  /** Among how many threads. */
  of: number
}

/** Another thread. */
export type Hand = {
  /** Gives it the record of which it is to replay a share. */
  read(record: PackedWindows): void
  /** What it found; null where it could not, and its share is left to do. */
  replay(share: Share): Promise<SizePrediction[] | null>
}

/** What such a thread is told: at first the record. */
export type HandRequest = { kind: 'record'; record: PackedWindows } | { kind: 'share'; share: Share }

/** Puts a record together, and then replays one share of it after the other. */
export function handOf({ windows, heldMs }: PackedWindows): (share: Share) => SizePrediction[] {
  const trace = mergeTraces(windows, heldMs)
  let plan: ReplayPlan | null = null
  return (share) => {
    plan ??= planReplay(trace, share.pool, 'all sizes')
    const work = plan.replay(sizesOf(plan, share))
    for (;;) {
      const next = work.next()
      if (next.done === true) return next.value
    }
  }
}

/**
 * The sizes of a share. They are dealt to and fro: neighbours cost nearly the same, small ones far more than large ones.
 */
export function sizesOf(plan: ReplayPlan, { found, turn, of }: Omit<Share, 'pool'>): number[] {
  const sizes = found === null ? plan.first.sizes : plan.next(found)
  return sizes.filter((_, i) => {
    const at = i % of
    return (Math.floor(i / of) % 2 === 0 ? at : of - 1 - at) === turn
  })
}
