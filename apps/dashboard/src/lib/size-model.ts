import {
  erlangC,
  minOf,
  NOTHING_KNOWN,
  PASTE_DEFAULTS,
  type PasteModel,
  type Recommendation,
  recommend,
  type SizeInput,
  sizeForWait,
  timeoutRatio,
} from '@poolscope/sizing'
import type { SizeForm } from './size-form.ts'

/** What is predicted of one size of the pool of one instance; null where the pool cannot keep up. */
export type SizePoint = {
  size: number
  p50: number | null
  p95: number | null
  p99: number | null
  utilization: number
  timeouts: number
}

/** The prediction over sizes. */
export type SizeCurve = {
  points: readonly SizePoint[]
  /** Connections that are busy on average in one instance. */
  busy: number
  /** From here on one connection more shortens the longest waits by less than a tenth of a hold. */
  knee: number | null
  /** The smallest size in which 99 of 100 wait no longer than they may; null when none does. */
  needed: number | null
}

/** What the form amounts to. */
export type SizeAnswer = {
  recommendation: Recommendation | null
  /** Why there is none, where numbers contradict each other; null otherwise. */
  refused: string | null
  /** Null without rate and hold. */
  curve: SizeCurve | null
  /** The size that is looked at: the tried one, or the recommended one. */
  chosen: number | null
  /** What to paste; null without a size. */
  paste: PasteModel | null
}

/** Longest wait that 99 of 100 may have where nobody says, ms: what "Connection Patterns" calls too long. */
export const DEFAULT_TARGET_MS = 100

/** The largest pool that the model is asked of. */
const MOST_CONNECTIONS = 100_000

/** Points of a curve beyond which it is thinned out. */
const MOST_POINTS = 80

/** What a loaded pool says of itself. */
export type OfPool = {
  /** What the replay of its traffic advises; null without one. */
  replayAdvises: number | null
  /** Its max now; null when not known or not the same in all instances. */
  presentMax: number | null
}

/** What is known where no pool is loaded. */
export const NO_POOL: OfPool = { replayAdvises: null, presentMax: null }

/** The fields that say what the traffic is, or what would be good enough: another number is another question. */
const TRAFFIC_FIELDS = ['rate', 'hold', 'target', 'timeout', 'instances'] as const

/** Whether somebody asks for other traffic than what a pool recorded. */
export function asksForOther(form: SizeForm): boolean {
  return TRAFFIC_FIELDS.some((key) => form[key].origin === 'given')
}

/** Computes everything that the page shows from what stands in its fields. Refuses nothing: it says why there is nothing. */
export function answerOf(form: SizeForm, { replayAdvises, presentMax }: OfPool): SizeAnswer {
  const input: SizeInput = {
    ...NOTHING_KNOWN,
    cores: form.cores.value,
    spindles: form.disks.value,
    waitMs: form.wait.value,
    serviceMs: form.service.value,
    maxConnections: form.limit.value,
    reserved: form.reserved.value,
    instances: form.instances.value,
    threads: form.threads.value,
    connectionsPerThread: form.each.value,
  }
  try {
    const load = loadOf(form)
    const target = form.target.value ?? DEFAULT_TARGET_MS
    const needed = load === null ? null : sizeForWait({ ...load, p99WaitMs: target })
    const recommendation = recommend({
      ...input,
      trafficNeeds: needed,
      replayAdvises: asksForOther(form) ? null : replayAdvises,
      presentMax,
    })
    const chosen = form.size.value ?? (recommendation?.max === 0 ? null : (recommendation?.max ?? null))
    const timeoutMs = form.timeout.value ?? PASTE_DEFAULTS.acquireTimeoutMs
    return {
      recommendation,
      refused: null,
      curve: load === null ? null : curveOf(load, needed, chosen, timeoutMs),
      chosen,
      paste: chosen === null ? null : pasteOf(form, chosen, timeoutMs),
    }
  } catch (error) {
    const refused = error instanceof Error ? error.message : String(error)
    return { recommendation: null, refused, curve: null, chosen: null, paste: null }
  }
}

type Load = { arrivalsPerSec: number; holdMs: number }

/** The traffic of one instance; null when it is not known. */
function loadOf({ rate, hold, instances }: SizeForm): Load | null {
  if (rate.value === null || hold.value === null) return null
  return { arrivalsPerSec: rate.value / (instances.value ?? 1), holdMs: hold.value }
}

function curveOf(load: Load, needed: number | null, chosen: number | null, timeoutMs: number): SizeCurve {
  const busy = (load.arrivalsPerSec * load.holdMs) / 1000
  const knee = kneeOf(load, busy)
  const most = Math.max(8, Math.ceil(1.5 * (needed ?? busy)), Math.ceil(1.2 * (chosen ?? 1)), (knee ?? 0) + 3)
  const from = Math.max(1, Math.floor(busy * 0.6))
  const step = Math.max(1, Math.ceil((most - from) / MOST_POINTS))
  const sizes = new Set<number>()
  for (let size = from; size <= most; size += step) sizes.add(size)
  for (const size of [needed, chosen]) if (size !== null && size >= from) sizes.add(size)
  const points = [...sizes].toSorted((a, b) => a - b).map((size) => pointOf({ ...load, size }, timeoutMs))
  return { points, busy, knee, needed }
}

function pointOf(input: Load & { size: number }, timeoutMs: number): SizePoint {
  const { waitMs, utilizationRatio } = erlangC(input)
  return {
    size: input.size,
    p50: waitMs?.p50 ?? null,
    p95: waitMs?.p95 ?? null,
    p99: waitMs?.p99 ?? null,
    utilization: utilizationRatio,
    timeouts: timeoutRatio(input, timeoutMs),
  }
}

/** Each further connection helps less than the one before, so that the first that hardly helps can be halved for. */
function kneeOf(load: Load, busy: number): number | null {
  const first = Math.floor(busy) + 1
  const p99 = (size: number) => erlangC({ ...load, size }).waitMs?.p99 ?? null
  const helpsLittle = (size: number) => {
    const [here, next] = [p99(size), p99(size + 1)]
    return here !== null && next !== null && here - next < load.holdMs / 10
  }
  let reach = 1
  while (!helpsLittle(first + reach)) {
    reach *= 2
    if (first + reach >= MOST_CONNECTIONS) return null
  }
  let [below, knee] = [first - 1, first + reach]
  while (knee - below > 1) {
    const middle = Math.floor((knee + below) / 2)
    if (helpsLittle(middle)) knee = middle
    else below = middle
  }
  return knee
}

function pasteOf({ instances, min, idle }: SizeForm, chosen: number, acquireTimeoutMs: number): PasteModel {
  return {
    ...PASTE_DEFAULTS,
    max: chosen,
    min: Math.min(chosen, min.value ?? minOf(chosen)),
    total: chosen * (instances.value ?? 1),
    instances: instances.value ?? 1,
    acquireTimeoutMs: Math.max(1, Math.round(acquireTimeoutMs)),
    idleTimeoutMs: Math.max(1, Math.round(idle.value ?? PASTE_DEFAULTS.idleTimeoutMs)),
  }
}
