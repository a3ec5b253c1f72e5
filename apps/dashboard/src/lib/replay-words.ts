import type { GroupNow, Trace } from '@poolscope/protocol'
import { MAX_SIZE, type Prediction, type Reason } from '@poolscope/sizing'
import type { MarkStatus } from '../ui/StatusMark.tsx'
import { formatAge, formatCount, formatMs, formatRatio } from './format.ts'

/** What a replay amounts to. */
export type ReplayVerdict = {
  status: MarkStatus
  /** One plain sentence. */
  sentence: string
  /** Why, and with what reserve. */
  reasons: string[]
  /** The size to set next; null where the model gives none. */
  size: number | null
}

/** Says in words what to set by a prediction, or why it cannot tell. @param presentSize what the pool's max is now */
export function verdictOf(prediction: Prediction, presentSize: number): ReplayVerdict {
  const { recommendation, checkouts } = prediction
  const { size, reasons } = recommendation
  if (size === null) {
    const sentence =
      checkouts === 0
        ? 'Nobody asked for a connection while it was recorded, so there is nothing to replay.'
        : `No size up to ${MAX_SIZE} answered anybody within the acquire time-out, so the replay advises none.`
    return { status: 'warning', sentence, reasons: [], size: null }
  }
  const words = reasons.map(wordsOf)
  const off = reasons.find((reason) => reason.code === 'model-is-off')
  if (off !== undefined) {
    const sentence = `The replay does not hold here, so it advises no size: at the present ${presentSize} it gives a p95 wait of ${formatMs(off.replayed.p95)}, and ${formatMs(off.measured.p95)} was measured.`
    return { status: 'warning', sentence, reasons: words.filter((_, i) => isReserve(reasons[i])), size: null }
  }
  const steps = reasons.find((reason) => reason.code === 'grow-in-steps')
  if (steps !== undefined) {
    const sentence = `Set max to ${steps.size} next and look again: the trace cannot tell what more connections do to the server beyond what it has seen, though ${size} would do if holds stayed as they follow from it.`
    return { status: 'warning', sentence, reasons: words, size: steps.size }
  }
  const { totalP95Ms, timeoutRatio } = reasons.find((reason) => reason.code === 'waits') ?? {
    totalP95Ms: null,
    timeoutRatio: null,
  }
  const verb = size === presentSize ? 'Leave max at' : 'Set max to'
  const sentence = `${verb} ${size} in each instance: it is the smallest size as good as the best, with ${formatMs(totalP95Ms)} for wait and hold together at p95 and ${formatRatio(timeoutRatio)} timed out.`
  return {
    status: words.some((_, i) => isReserve(reasons[i])) ? 'warning' : 'ok',
    sentence,
    reasons: words,
    size,
  }
}

/** Whether a reason takes something back. */
function isReserve(reason: Reason | undefined): boolean {
  return (
    reason?.code === 'short-trace' ||
    reason?.code === 'no-size-is-enough' ||
    (reason?.code === 'contention-not-identifiable' && reason.why !== 'few')
  )
}

const NOT_IDENTIFIABLE = {
  saturated: 'the pool was full for most of the time, so its holds were seen at one level only',
  few: 'there were too few checkouts, or they seldom overlapped',
  many: 'more than 128 connections were held at once',
} as const

function wordsOf(reason: Reason): string {
  switch (reason.code) {
    case 'waits':
      return `With ${reason.size}, 95 of 100 callers wait at most ${formatMs(reason.waitP95Ms)}, and have their connection back within ${formatMs(reason.totalP95Ms)}.`
    case 'smaller-is-worse':
      return `With ${reason.size} it would be ${formatMs(reason.totalP95Ms)} for wait and hold at p95, and ${formatRatio(reason.timeoutRatio)} timed out.`
    case 'bigger-gains-little':
      return `The best of the larger sizes, ${reason.size}, would gain little: ${formatMs(reason.totalP95Ms)}.`
    case 'bigger-is-slower':
      return `Larger makes the whole slower: ${formatMs(reason.totalP95Ms)} with ${reason.size}.`
    case 'no-size-is-enough':
      return `No size ends the time-outs: ${formatRatio(reason.timeoutRatio)} remain with ${reason.size}.`
    case 'opening-waits':
      return `Some waits remain at any size, because connections are opened anew: ${formatCount(reason.opened)} of them at ${formatMs(reason.connectMs)} each.`
    case 'closed-loop':
      return `About ${formatCount(reason.callers)} callers ask only when answered, ${formatMs(reason.thinkMs)} later: where they wait less they ask more often.`
    case 'contention':
      return `Holds grow with the number held at once (z ${reason.z.toFixed(1)}, up to ${reason.peak} seen): beyond that the band shows what they may become.`
    case 'contention-not-identifiable':
      return `Whether holds grow with the number held at once cannot be told: ${NOT_IDENTIFIABLE[reason.why]}.`
    case 'grow-in-steps':
      return `More than half as many again as now: go there in steps, ${reason.size} first.`
    case 'model-is-off':
      return `Measured p95 wait ${formatMs(reason.measured.p95)}, replayed ${formatMs(reason.replayed.p95)}.`
    case 'short-trace':
      return `The trace is short, ${formatCount(reason.checkouts)} checkouts in ${formatAge(reason.windowMs)}: rare bursts are not in it.`
  }
}

/** From so many a second on a probe records no trace. */
const TOO_FAST_PER_SEC = 5000

/** Why there is nothing to replay, in one sentence; null where there is something. @param trace null where the agent has none */
export function whyNoTrace(
  group: Pick<GroupNow, 'origin' | 'checkoutsPerSec'>,
  max: number | null,
  trace: Pick<Trace, 'blocks'> | null,
): string | null {
  if (group.origin === 'observed' || trace === null) {
    return 'No probe measures this pool, and the session list of a server does not show who asked and waited.'
  }
  if (trace.blocks.length === 0) {
    return group.checkoutsPerSec !== null && group.checkoutsPerSec > TOO_FAST_PER_SEC
      ? `With ${formatCount(group.checkoutsPerSec)} checkouts a second this pool is too fast to record each of them, and a part of them says nothing about the queue.`
      : 'The probe sends no record of single checkouts: it has just begun, a report went missing, several callers share a connection, or it is a sender that records none.'
  }
  if (max === null) return 'The probe does not know the max of this pool, so its traffic cannot be replayed.'
  return null
}
