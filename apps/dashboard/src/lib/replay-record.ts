import { mergeTraces, mergingTraces, type TraceHead, type TraceRecord } from '@poolscope/protocol'
import { lastOf, type Trace } from '@poolscope/sizing'
import type { Hand, PackedWindows } from './replay-share.ts'

/** A record of which as much is here, and put together, as a first answer needs. */
export type ReadyRecord = {
  head: TraceHead
  /** Its last five minutes; null where it is not much longer. */
  recent: Trace | null
  /** All of it, once it is here. */
  whole: Promise<WholeRecord>
  /** Threads to share it with; none where it is short. */
  hands: readonly Hand[]
}

/** A record that is here, and is put together piece by piece. */
type WholeRecord = {
  packed: PackedWindows
  /** Puts the next window in its place; answers whether any is left. @throws RangeError as {@link mergeTraces} */
  step(): boolean
  /** Puts what is left together. @throws RangeError as {@link mergeTraces} */
  trace(): Trace
}

/** What a first answer is taken from, ms. */
const RECENT_MS = 300_000

/** Waits for the last five minutes of a record and puts them together; the rest comes meanwhile. */
export async function makeReady(
  { head, newest }: TraceRecord,
  startHands: () => readonly Hand[],
): Promise<ReadyRecord> {
  const { heldMs } = head
  const count = recentWindows(head)
  const { length } = head.blocks
  const long = count < length
  const last = long ? await newest(count) : null
  const whole = newest(length).then((windows) => wholeRecord({ windows, heldMs }))
  // Whoever replays it is told; until then nobody asks.
  whole.catch(() => {})
  return {
    head,
    recent: last === null ? null : lastOf(mergeTraces(last, heldMs), RECENT_MS),
    whole,
    hands: long ? startHands() : [],
  }
}

function wholeRecord(packed: PackedWindows): WholeRecord {
  const steps = mergingTraces(packed.windows, packed.heldMs)
  let trace: Trace | null = null
  const step = () => {
    const next = steps.next()
    if (next.done !== true) return true
    trace ??= next.value
    return false
  }
  return {
    packed,
    step,
    trace() {
      while (step());
      // None where a step has failed: it fails again, and says why.
      return trace ?? mergeTraces(packed.windows, packed.heldMs)
    },
  }
}

/** How long the thread is kept at a time by what nobody has asked for yet, ms. */
const STEP_MS = 5

/** Puts the whole of a record together, as long as there is nothing else to do. */
export async function putTogether({ whole }: ReadyRecord, idle: () => boolean): Promise<void> {
  const record = await whole
  const steps = () => {
    const until = performance.now() + STEP_MS
    while (record.step()) if (performance.now() >= until) return true
    return false
  }
  do await new Promise((resolve) => setTimeout(resolve))
  while (idle() && steps())
}

/** How many windows the last five minutes are; all of a record that is not much longer. */
function recentWindows({ blocks }: TraceHead): number {
  const from = (blocks[0]?.fromMs ?? 0) - RECENT_MS
  const older = blocks.findIndex(({ fromMs }) => fromMs <= from)
  return older < 0 ? blocks.length : older + 1
}
