import { erlangC, type Prediction, type SizePrediction, timeoutRatio } from '@poolscope/sizing'
import type { CurveMark, CurvePoint } from '../charts/CurveChart.tsx'

/** A replay's prediction as its charts show it, with Erlang C from the same traffic's rate and mean hold beside it. */
export type ReplayCurve = {
  points: CurvePoint[]
  marks: CurveMark[]
  /** Values at the upper edges, ms: what is higher, at sizes far too small, leaves the plot. */
  waitTopMs: number
  totalTopMs: number
  timeoutTop: number
  hasTotalBand: boolean
}

/** What is shown above the value at the sizes that matter. */
const HEADROOM = 2.5

/**
 * Cuts the curve to the sizes that matter and puts Erlang C beside it.
 * @param advised size that is recommended; null where none is
 */
export function replayCurve(
  prediction: Prediction,
  presentSize: number,
  acquireTimeoutMs: number | null,
  advised: number | null,
): ReplayCurve {
  const { recommendation, arrivalsPerSec, meanHoldMs } = prediction
  const knee = recommendation.kneeSize
  const most = Math.max(8, Math.ceil(1.3 * Math.max(presentSize, recommendation.size ?? 1, knee ?? 1)))
  const sizes = prediction.sizes.filter(({ size }) => size <= most)
  const points = sizes.map((size) => ({
    x: size.size,
    values: {
      ...valuesOf(size),
      ...byErlang(arrivalsPerSec, meanHoldMs, size.size, acquireTimeoutMs),
    },
  }))
  const mattering = sizes.filter(({ size }) => size === presentSize || size === advised)
  const top = (values: readonly (number | undefined)[]) => {
    const known = values.filter((value) => value !== undefined)
    return Math.max(1, ...known) * HEADROOM
  }
  return {
    points,
    marks: marksOf(presentSize, advised, knee).filter(
      ({ x }) => x >= (points[0]?.x ?? 0) && x <= (points.at(-1)?.x ?? 0),
    ),
    waitTopMs: top(mattering.flatMap(({ waitMs, waitP95BandMs }) => [waitMs?.p99, waitP95BandMs?.high])),
    totalTopMs: top(mattering.map(({ totalMs }) => totalMs?.p99)),
    timeoutTop: Math.min(1, Math.max(0.01, ...sizes.map((size) => size.timeoutRatio))),
    hasTotalBand: sizes.some(({ totalP95BandMs }) => totalP95BandMs !== null),
  }
}

/** Bands alone where the trace cannot tell. */
function valuesOf({
  identifiable,
  waitMs,
  totalMs,
  waitP95BandMs,
  totalP95BandMs,
  timeoutRatio: ratio,
}: SizePrediction) {
  const told = (value: number | undefined) => (identifiable ? (value ?? null) : null)
  return {
    waitP50: told(waitMs?.p50),
    waitP95: told(waitMs?.p95),
    waitP99: told(waitMs?.p99),
    waitLow: waitP95BandMs?.low ?? null,
    waitHigh: waitP95BandMs?.high ?? null,
    totalP50: told(totalMs?.p50),
    totalP95: told(totalMs?.p95),
    totalP99: told(totalMs?.p99),
    totalLow: totalP95BandMs?.low ?? null,
    totalHigh: totalP95BandMs?.high ?? null,
    timeouts: told(ratio),
  }
}

function byErlang(perSec: number, holdMs: number | null, size: number, acquireTimeoutMs: number | null) {
  if (holdMs === null || holdMs <= 0 || perSec <= 0) return { erlangP95: null, erlangTimeouts: null }
  const input = { arrivalsPerSec: perSec, holdMs, size }
  return {
    erlangP95: erlangC(input).waitMs?.p95 ?? null,
    erlangTimeouts: acquireTimeoutMs === null ? null : timeoutRatio(input, acquireTimeoutMs),
  }
}

/** Each place once, with all its names. */
function marksOf(present: number, advised: number | null, knee: number | null): CurveMark[] {
  const names = new Map<number, string[]>()
  for (const [x, name] of [
    [advised, 'advised'],
    [present, 'now'],
    [knee, 'knee'],
  ] as const) {
    if (x !== null) names.set(x, [...(names.get(x) ?? []), name])
  }
  return [...names].map(([x, all]) => ({ x, label: `${all.join(', ')} ${x}` }))
}
