import { mergeTraces, type TraceHead, type TraceRecord } from '@poolscope/protocol'
import { lastOf, type Trace } from '@poolscope/sizing'
import type { Hand, PackedWindows } from './replay-share.ts'

/** A record of which as much is here, and put together, as a first answer needs. */
export type ReadyRecord = {
  head: TraceHead
  /** Its last five minutes; null where it is not much longer. */
  recent: Trace | null
  /** All of it, once it is here. */
  whole: Promise<PackedWindows>
  /** Threads to share it with; none where it is short. */
  hands: readonly Hand[]
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
  const last = long ? { windows: await newest(count), heldMs } : null
  const whole = newest(length).then((windows) => ({ windows, heldMs }))
  // Whoever replays it is told; until then nobody asks.
  whole.catch(() => {})
  return {
    head,
    recent: last === null ? null : lastOf(traceOf(last), RECENT_MS),
    whole,
    hands: long ? startHands() : [],
  }
}

/** Puts windows together. @throws RangeError as {@link mergeTraces} */
export function traceOf({ windows, heldMs }: PackedWindows): Trace {
  return mergeTraces(windows, heldMs)
}

/** How many windows the last five minutes are; all of a record that is not much longer. */
function recentWindows({ blocks }: TraceHead): number {
  const from = (blocks[0]?.fromMs ?? 0) - RECENT_MS
  const older = blocks.findIndex(({ fromMs }) => fromMs <= from)
  return older < 0 ? blocks.length : older + 1
}
