// How near the predictions come: real pg pools of several sizes on a real PostgreSQL, each run replayed to predict all
// the other sizes. The sizes of a workload run side by side unless that would slow them down. Prints tables as Markdown. --quick: short windows. --seconds N, --only WORD, --json FILE.
import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { startPostgres } from '@poolscope/lab'
import { allenCunneen, erlangC, nearBest, replay } from '../dist/index.js'
import { ACQUIRE_TIMEOUT_MS, drive } from './accuracy/drive.mjs'
import { WORKLOADS } from './accuracy/workloads.mjs'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
  },
})
const windowMs = Number(values.seconds ?? (values.quick ? 8 : 60)) * 1000
/** Below this a wait is one timer's accuracy, and a relative error says nothing. */
const LEAST_MS = 4
const SEEDS = [1, 2]

const quantile = (sorted, ratio) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * ratio))] ?? 0

function measured(trace) {
  const waits = []
  const totals = []
  let refused = 0
  trace.waitMs.forEach((wait, i) => {
    if (Number.isNaN(trace.holdMs[i])) refused++
    else {
      waits.push(wait)
      totals.push(wait + trace.holdMs[i])
    }
  })
  waits.sort((a, b) => a - b)
  totals.sort((a, b) => a - b)
  const three = (list) => ({ p50: quantile(list, 0.5), p95: quantile(list, 0.95), p99: quantile(list, 0.99) })
  return { waitMs: three(waits), totalMs: three(totals), timeoutRatio: refused / trace.waitMs.length }
}

function variation(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length / mean ** 2
}

/** The formulas, with what they need read off the trace; a queue without end waits for the time-out. */
function byFormula(trace, size) {
  const holds = trace.holdMs.filter((hold) => !Number.isNaN(hold))
  const gaps = trace.arrivalMs.slice(1).map((arrival, i) => arrival - trace.arrivalMs[i])
  const queue = {
    arrivalsPerSec: (trace.arrivalMs.length / trace.windowMs) * 1000,
    holdMs: holds.reduce((sum, hold) => sum + hold, 0) / holds.length,
    size,
  }
  const endless = { p50: ACQUIRE_TIMEOUT_MS, p95: ACQUIRE_TIMEOUT_MS, p99: ACQUIRE_TIMEOUT_MS }
  const erlang = erlangC(queue)
  const allen = allenCunneen({ ...queue, arrivalVariation: variation(gaps), holdVariation: variation(holds) })
  const lost = Math.max(0, 1 - 1 / erlang.utilizationRatio)
  const answer = ({ waitMs }) => ({ waitMs: waitMs ?? endless, timeoutRatio: waitMs === null ? lost : 0 })
  return { 'Erlang C': answer(erlang), 'Allen-Cunneen': answer(allen) }
}

const poolOf = (size) => ({
  size,
  acquireTimeoutMs: ACQUIRE_TIMEOUT_MS,
  idleTimeoutMs: null,
  min: 0,
  connectMs: 3,
})
const anonymous = (trace) => ({ ...trace, caller: new Uint32Array(trace.caller.length) })

/** Predictions of every other size from every run, beside what was measured there. */
function compare(workload, runs) {
  const points = []
  for (const from of runs.filter((run) => run.seed === SEEDS[0])) {
    const known = replay(
      workload.kind === 'dependent' ? from.trace : anonymous(from.trace),
      poolOf(from.size),
    )
    const blind = workload.kind === 'dependent' ? replay(anonymous(from.trace), poolOf(from.size)) : null
    const results = runs
      .filter((run) => run.seed === from.seed)
      .map((run) => ({ size: run.size, ...run.result }))
    const best = nearBest(results)?.size
    const chosen = known.recommendation.size
    from.recommended = {
      chosen,
      best,
      contention: known.contention,
      callers: known.callers,
      blind: blind?.callers,
    }
    for (const to of runs.filter((run) => run.seed === from.seed && run.size !== from.size)) {
      const at = (prediction) => prediction.sizes.find((size) => size.size === to.size)
      const again = runs.find((run) => run.seed !== from.seed && run.size === to.size)
      const models = { replay: at(known), ...byFormula(from.trace, to.size) }
      if (blind !== null) models['replay without ids'] = at(blind)
      models['same size, new traffic'] = again?.result
      points.push({
        workload: workload.name,
        kind: workload.kind,
        from: from.size,
        to: to.size,
        gate: known.contention.verdict,
        actual: to.result,
        models,
      })
    }
  }
  return points
}

const median = (list) =>
  quantile(
    [...list].sort((a, b) => a - b),
    0.5,
  )
const percent = (list) => (list.length === 0 ? '–' : `${(median(list) * 100).toFixed(0)} %`)

function relative(points, model, percentile, column = 'waitMs') {
  return points.flatMap(({ actual, models }) => {
    const predicted = models[model]?.[column]?.[percentile]
    const real = actual[column][percentile]
    return predicted === undefined || real < LEAST_MS ? [] : [Math.abs(predicted - real) / real]
  })
}

function timeoutPoints(points, model) {
  const errors = points.flatMap(({ actual, models }) =>
    models[model]?.timeoutRatio === undefined
      ? []
      : [Math.abs(models[model].timeoutRatio - actual.timeoutRatio) * 100],
  )
  return errors.length === 0 ? '–' : `${median(errors).toFixed(1)} / ${Math.max(...errors).toFixed(1)}`
}

function table(title, groups) {
  console.log(`\n### ${title}\n`)
  console.log(
    '| | model | points | wait p50 | wait p95 | wait p99 | total p95 | time-outs, points, median / worst |',
  )
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
  for (const [name, points] of groups) {
    const models = [...new Set(points.flatMap((point) => Object.keys(point.models)))]
    for (const model of models) {
      const cells = [
        ...['p50', 'p95', 'p99'].map((p) => percent(relative(points, model, p))),
        percent(relative(points, model, 'p95', 'totalMs')),
        timeoutPoints(points, model),
      ]
      console.log(`| ${name} | ${model} | ${relative(points, model, 'p95').length} | ${cells.join(' | ')} |`)
    }
  }
}

const postgres = await startPostgres({ maxConnections: 60 })
const all = []
try {
  for (const workload of WORKLOADS.filter(({ name }) => name.includes(values.only))) {
    const runs = []
    for (const seed of SEEDS) {
      const run = async (size) => {
        const callers = workload.callers(seed, windowMs, size)
        const trace = await drive(postgres.url, size, callers, windowMs)
        runs.push({ seed, size, trace, result: measured(trace) })
      }
      if (workload.alone) for (const size of workload.sizes) await run(size)
      else await Promise.all(workload.sizes.map(run))
    }
    runs.sort((a, b) => a.seed - b.seed || a.size - b.size)
    for (const { seed, size, trace, result } of runs) {
      const { p50, p95, p99 } = result.waitMs
      console.error(
        `${workload.name}, seed ${seed}, size ${size}: ${trace.waitMs.length} checkouts, wait ${[p50, p95, p99].map((ms) => ms.toFixed(1)).join(' / ')} ms, total p95 ${result.totalMs.p95.toFixed(1)} ms, time-outs ${(result.timeoutRatio * 100).toFixed(1)} %, machine load ${loadavg()[0].toFixed(1)}`,
      )
    }
    const points = compare(workload, runs)
    all.push({ workload, runs, points })
    table(workload.name, [
      ['shrinking', points.filter(({ from, to }) => to < from)],
      ['growing', points.filter(({ from, to }) => to > from)],
    ])
    for (const run of runs.filter(({ seed }) => seed === SEEDS[0])) {
      const { chosen, best, contention, callers, blind } = run.recommended
      console.log(
        `\nfrom ${run.size}: recommends ${chosen}, best measured ${best}; contention ${contention.verdict} (z ${contention.z?.toFixed(1)}); callers ${callers}${blind === undefined ? '' : `, without ids ${blind}`}`,
      )
    }
    if (values.json !== undefined) {
      writeFileSync(
        values.json,
        JSON.stringify(
          all.map(({ points, runs }) => ({
            points,
            runs: runs.map(({ trace, ...rest }) => ({ ...rest, checkouts: trace.waitMs.length })),
          })),
        ),
      )
    }
  }
} finally {
  await postgres.stop()
}

const points = all.flatMap((one) => one.points)
const near = ({ from, to }) => to >= from / 2 && to <= from * 3
const groups = (chosen) => [
  ['shrinking', chosen.filter(({ from, to }) => to < from)],
  ['growing', chosen.filter(({ from, to }) => to > from)],
]
for (const kind of ['steady', 'contended', 'dependent']) {
  table(`All ${kind}`, groups(points.filter((point) => point.kind === kind && near(point))))
}
table(
  'Contended, gate open',
  groups(points.filter((point) => point.kind === 'contended' && point.gate === 'found' && near(point))),
)
