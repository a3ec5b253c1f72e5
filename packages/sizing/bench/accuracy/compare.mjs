import { allenCunneen, erlangC, nearBest, replay } from '../../dist/index.js'
import { ACQUIRE_TIMEOUT_MS } from './drive.mjs'
import { measured } from './measure.mjs'

const poolOf = (size) => ({
  size,
  acquireTimeoutMs: ACQUIRE_TIMEOUT_MS,
  idleTimeoutMs: null,
  min: 0,
  connectMs: 3,
})
const anonymous = (trace) => ({ ...trace, caller: new Uint32Array(trace.caller.length) })

/**
 * Predictions from every run of every other size, beside what was measured there: with the same traffic at the same
 * moment. Beside them what the same size did once more, with the same traffic and with new traffic.
 * @returns one point for each pair of sizes, and what is recommended from each run
 */
export function compare({ name, kind }, runs) {
  const done = runs.map((run) => ({ ...run, result: measured(run.trace) }))
  const points = []
  const advice = []
  for (const from of done) {
    const trace = kind === 'dependent' ? from.trace : anonymous(from.trace)
    const known = replay(trace, poolOf(from.size))
    const blind = kind === 'dependent' ? replay(anonymous(trace), poolOf(from.size)) : null
    const beside = done.filter((run) => run.seed === from.seed && run.copy === from.copy)
    advice.push({
      workload: name,
      from: from.size,
      // None where too many callers met stalls, or where the replay does not give what was measured.
      chosen: known.recommendation.size,
      stalled: known.stalls?.askedRatio ?? 0,
      best: nearBest(beside.map(({ size, result }) => ({ size, ...result })))?.size,
      sizes: beside.map(({ size, result }) => ({ size, totalP95Ms: result.totalMs.p95 })),
      contention: known.contention,
      callers: known.callers,
      blind: blind?.callers,
    })
    for (const to of beside) {
      const at = (prediction) => prediction.sizes.find((size) => size.size === to.size)
      const same = done.find((run) => run.seed === to.seed && run.copy !== to.copy && run.size === to.size)
      const next = done.find((run) => run.seed !== to.seed && run.copy === to.copy && run.size === to.size)
      const prediction = at(known)
      points.push({
        workload: name,
        kind,
        from: from.size,
        to: to.size,
        gate: known.contention.verdict,
        refused: known.recommendation.size === null,
        // Beyond what the trace can tell the page shows the band alone.
        answered: prediction.identifiable,
        band: prediction.waitP95BandMs,
        actual: to.result,
        models: {
          replay: prediction,
          ...(blind === null ? {} : { 'replay without ids': at(blind) }),
          ...byFormula(trace, to.size),
          'same traffic again': same?.result,
          'new traffic': next?.result,
        },
      })
    }
  }
  return { points, advice }
}

function variation(values) {
  const mean = meanOf(values)
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length / mean ** 2
}

const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length

/** The formulas, with what they need read off the trace; a queue without end waits for the time-out. */
function byFormula(trace, size) {
  const holds = trace.holdMs.filter((hold) => !Number.isNaN(hold))
  const gaps = trace.arrivalMs.slice(1).map((arrival, i) => arrival - trace.arrivalMs[i])
  const queue = {
    arrivalsPerSec: (trace.arrivalMs.length / trace.windowMs) * 1000,
    holdMs: meanOf(holds),
    size,
  }
  const endless = { p50: ACQUIRE_TIMEOUT_MS, p95: ACQUIRE_TIMEOUT_MS, p99: ACQUIRE_TIMEOUT_MS }
  const erlang = erlangC(queue)
  const allen = allenCunneen({ ...queue, arrivalVariation: variation(gaps), holdVariation: variation(holds) })
  const lost = Math.max(0, 1 - 1 / erlang.utilizationRatio)
  const answer = ({ waitMs }) => ({ waitMs: waitMs ?? endless, timeoutRatio: waitMs === null ? lost : 0 })
  return { 'Erlang C': answer(erlang), 'Allen-Cunneen': answer(allen) }
}
