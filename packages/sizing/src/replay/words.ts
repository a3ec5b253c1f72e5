import type { Stalls } from '../trace/stalls.ts'
import { MAX_SIZE } from './open-loop.ts'
import type { Prediction } from './predict.ts'
import { type Reason, refuses } from './recommend.ts'

/** What a replay amounts to. */
export type ReplayVerdict = {
  status: 'ok' | 'warning'
  /** One plain sentence. */
  sentence: string
  /** Why, and with what reserve. */
  reasons: string[]
  /** The size to set next; null where the model gives none. */
  size: number | null
}

/** How whoever shows a verdict writes numbers. */
export type ReplayFormat = {
  /** `null` is not known. */
  ms(ms: number | null): string
  /** 0 to 1 */
  ratio(ratio: number): string
  count(count: number): string
  /** A long time, ms. */
  age(ms: number): string
}

/** Says in words what to set by a prediction, or why it cannot tell. @param presentSize what the pool's max is now */
export function replayVerdict(
  prediction: Prediction,
  presentSize: number,
  format: ReplayFormat,
): ReplayVerdict {
  const { recommendation, checkouts } = prediction
  const { size, reasons } = recommendation
  const words = reasons.map((reason) => wordsOf(reason, format))
  const refusal = reasons.find(refuses)
  if (refusal !== undefined) {
    const told = reasons.filter((reason) => isReserve(reason) || reason.code === 'stalls')
    return {
      status: 'warning',
      sentence: refusalOf(refusal, presentSize, format),
      reasons: told.map((reason) => wordsOf(reason, format)),
      size: null,
    }
  }
  if (size === null) {
    const sentence =
      checkouts === 0
        ? 'Nobody asked for a connection while it was recorded, so there is nothing to replay.'
        : `No size up to ${MAX_SIZE} answered anybody within the acquire time-out, so the replay advises none.`
    return { status: 'warning', sentence, reasons: [], size: null }
  }
  const steps = reasons.find((reason) => reason.code === 'grow-in-steps')
  if (steps !== undefined) {
    const sentence = `Set max to ${steps.size} next and look again: the trace cannot tell what more connections do to the server beyond what it has seen, though ${size} would do if holds stayed as they follow from it.`
    return { status: 'warning', sentence, reasons: words, size: steps.size }
  }
  const waits = reasons.find((reason) => reason.code === 'waits')
  const verb = size === presentSize ? 'Leave max at' : 'Set max to'
  const sentence = `${verb} ${size} in each instance: it is the smallest size as good as the best${waits === undefined ? '' : `, with ${format.ms(waits.totalP95Ms)} for wait and hold together at p95 and ${format.ratio(waits.timeoutRatio)} timed out`}.`
  return {
    status: reasons.some(isReserve) ? 'warning' : 'ok',
    sentence,
    reasons: words,
    size,
  }
}

function refusalOf(reason: Reason, presentSize: number, format: ReplayFormat): string {
  if (reason.code === 'model-is-off') {
    return `The replay does not hold here, so it advises no size: at the present ${presentSize} it gives a p95 wait of ${format.ms(reason.replayed.p95)}, and ${format.ms(reason.measured.p95)} was measured.`
  }
  const where =
    reason.code === 'stalls' && nobodyAsked(reason)
      ? 'the process that asks (garbage collection, a blocked event loop, too little CPU) and the server'
      : 'the server and the way to it'
  return `All connections stood still together too often for an advice: look into ${where}, then measure again.`
}

/** Whether a reason takes something back. */
function isReserve(reason: Reason): boolean {
  return (
    reason.code === 'short-trace' ||
    reason.code === 'no-size-is-enough' ||
    (reason.code === 'contention-not-identifiable' && reason.why !== 'few')
  )
}

const NOT_IDENTIFIABLE = {
  saturated: 'the pool was full for most of the time, so its holds were seen at one level only',
  few: 'there were too few checkouts, or they seldom overlapped',
  many: 'more than 128 connections were held at once',
} as const

function wordsOf(reason: Reason, format: ReplayFormat): string {
  switch (reason.code) {
    case 'waits':
      return `With ${reason.size}, 95 of 100 callers wait at most ${format.ms(reason.waitP95Ms)}, and have their connection back within ${format.ms(reason.totalP95Ms)}.`
    case 'smaller-is-worse':
      return `With ${reason.size} it would be ${format.ms(reason.totalP95Ms)} for wait and hold at p95, and ${format.ratio(reason.timeoutRatio)} timed out.`
    case 'bigger-gains-little':
      return `The best of the larger sizes, ${reason.size}, would gain little: ${format.ms(reason.totalP95Ms)}.`
    case 'bigger-is-slower':
      return `Larger makes the whole slower: ${format.ms(reason.totalP95Ms)} with ${reason.size}.`
    case 'no-size-is-enough':
      return `No size ends the time-outs: ${format.ratio(reason.timeoutRatio)} remain with ${reason.size}.`
    case 'opening-waits':
      return `Some waits remain at any size, because connections are opened anew: ${format.count(reason.opened)} of them at ${format.ms(reason.connectMs)} each.`
    case 'closed-loop':
      return `About ${format.count(reason.callers)} callers ask only when answered, ${format.ms(reason.thinkMs)} later: where they wait less they ask more often.`
    case 'contention':
      return `Holds grow with the number held at once (z ${reason.z.toFixed(1)}, up to ${reason.peak} seen): beyond that the band shows what they may become.`
    case 'contention-not-identifiable':
      return `Whether holds grow with the number held at once cannot be told: ${NOT_IDENTIFIABLE[reason.why]}.`
    case 'grow-in-steps':
      return `The trace has not seen so many held at once: go there in steps, ${reason.size} first.`
    case 'model-is-off':
      return `Measured p95 wait ${format.ms(reason.measured.p95)}, replayed ${format.ms(reason.replayed.p95)}.`
    case 'stalls':
      return stallsInWords(reason, format)
    case 'short-trace':
      return `The trace is short, ${format.count(reason.checkouts)} checkouts in ${format.age(reason.windowMs)}: rare bursts are not in it.`
  }
}

/** Fewer than this asked while all stood still, of those who do in as much time: nobody, give or take. */
const NOBODY = 0.2

function nobodyAsked({ askingRatio }: Stalls): boolean {
  return askingRatio < NOBODY
}

function stallsInWords(stalls: Stalls, format: ReplayFormat): string {
  const { count, longestMs, askedRatio } = stalls
  const times =
    count === 1
      ? `Once, for ${format.ms(longestMs)},`
      : `${format.count(count)} times, for up to ${format.ms(longestMs)},`
  const where = nobodyAsked(stalls)
    ? 'Next to nobody asked meanwhile: the process itself may have stood still, or all its callers were waiting'
    : 'Others went on asking, so it was the server or the way to it'
  return `${times} all held connections stood still together, and ${format.ratio(askedRatio)} of the callers asked then or in the queue that was left. No size of the pool shortens that. ${where}.`
}
