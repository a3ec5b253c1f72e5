import { quantile } from './measure.mjs'

/** Below this a wait is one timer's accuracy, ms, and a relative error says nothing. Such points are counted apart. */
const LEAST_MS = 4

const of = (kind) => (point) => point.kind === kind && !point.refused
const contended = of('contended')

/** The groups that have a target, in the order of the page. Targets for shrinking and growing; null: none is set. */
const GROUPS = [
  ['holds that do not depend on concurrency', of('steady'), [0.05, 0.1]],
  ['chains and closed loops, with ids', of('dependent'), [0.1, 0.1]],
  ['the same without ids', of('dependent'), [null, null], 'replay without ids'],
  [
    'contention, gate open, shown as a number',
    (point) => contended(point) && point.gate === 'found' && point.answered,
    [0.25, 0.25],
  ],
  [
    'contention, gate open, band alone shown',
    (point) => contended(point) && point.gate === 'found' && !point.answered,
    [null, null],
  ],
  ['contention, gate shut', (point) => contended(point) && point.gate !== 'found', [null, null]],
  ['no size advised', (point) => point.refused, [null, null]],
]

const DIRECTIONS = [
  ['shrinking', ({ from, to }) => to < from],
  ['growing', ({ from, to }) => to > from],
]
/** Growing, apart: what a step of at most half as many again does, and more than that. */
const STEPS = [
  ['growing, up to 1.5 times', ({ from, to }) => to > from && to <= from * 1.5],
  ['growing, 1.5 to 3 times', ({ from, to }) => to > from * 1.5],
]

/** Targets from half to three times the size that a prediction came from. */
const near = ({ from, to }) => to >= from / 2 && to <= from * 3

const quantileOf = (list, ratio) =>
  quantile(
    [...list].sort((a, b) => a - b),
    ratio,
  )
const none = '–'
const percent = (ratio) => `${(ratio * 100).toFixed(0)} %`
const shown = (list, format, ratio = 0.5) => (list.length === 0 ? none : format(quantileOf(list, ratio)))

/** |predicted - measured|, in ms and over what was measured, of the points that are long enough. */
function errors(points, model, percentile = 'p95', column = 'waitMs') {
  return points.flatMap(({ actual, models }) => {
    const predicted = models[model]?.[column]?.[percentile]
    const real = actual[column][percentile]
    if (predicted === undefined || real < LEAST_MS) return []
    return [{ ratio: (predicted - real) / real, ms: Math.abs(predicted - real) }]
  })
}

const relative = (...args) => errors(...args).map(({ ratio }) => Math.abs(ratio))
const cell = (...args) => shown(relative(...args), percent)

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function targets(points) {
  const rows = GROUPS.flatMap(([name, belongs, limits, model = 'replay']) => {
    const chosen = points.filter((point) => near(point) && belongs(point))
    return [...DIRECTIONS, ...STEPS].flatMap(([direction, goes], i) => {
      const some = chosen.filter(goes)
      if (some.length === 0) return []
      const all = errors(some, model)
      const limit = limits[i] ?? null
      const missed = limit !== null && all.length > 0 && quantileOf(relative(some, model), 0.5) > limit
      return [
        [
          name,
          direction,
          all.length,
          cell(some, model, 'p50'),
          `**${cell(some, model)}**`,
          shown(
            all.map(({ ms }) => ms),
            (ms) => `${ms.toFixed(1)} ms`,
          ),
          shown(relative(some, model), percent, 0.9),
          cell(some, model, 'p99'),
          cell(some, model, 'p95', 'totalMs'),
          cell(some, 'Erlang C'),
          cell(some, 'Allen-Cunneen'),
          cell(some, 'same traffic again'),
          cell(some, 'new traffic'),
          limit === null
            ? ''
            : `${percent(limit)}${all.length === 0 ? ', no points' : missed ? ', missed' : ''}`,
        ],
      ]
    })
  })
  const head =
    'where, from → to, points, replay p50, replay p95, in ms, worst tenth, replay p99, replay total p95, Erlang C p95, Allen-Cunneen p95, same traffic again p95, new traffic p95, target p95'
  return table(head.split(', '), rows)
}

function byWorkload(points) {
  const names = [...new Set(points.map(({ workload }) => workload))]
  const rows = names.map((name) => {
    const own = points.filter(({ workload, refused }) => workload === name && !refused)
    const two = (model, column) =>
      DIRECTIONS.map(([, goes]) =>
        cell(
          own.filter((point) => near(point) && goes(point)),
          model,
          'p95',
          column,
        ),
      ).join(' / ')
    const same = own.filter(({ from, to }) => from === to)
    return [
      name,
      two('replay'),
      cell(same, 'replay'),
      two('same traffic again'),
      two('new traffic'),
      two('Erlang C'),
      two('Allen-Cunneen'),
      two('replay', 'totalMs'),
    ]
  })
  const head =
    'workload, replay, of its own size, same traffic again, new traffic, Erlang C, Allen-Cunneen, replay total p95'
  return table(head.split(', '), rows)
}

/** Points that the relative error leaves out, bands, and time-outs: a list. */
function besides(points) {
  const others = points.filter((point) => near(point) && point.from !== point.to && !point.refused)
  const steady = others.filter(({ kind }) => kind === 'steady')
  const calm = others.filter(({ actual }) => actual.waitMs.p95 < LEAST_MS)
  const alarms = calm.filter(({ models }) => models.replay.waitMs.p95 >= LEAST_MS)
  const bands = others.filter(({ answered, band }) => !answered && band !== null)
  const inside = bands.filter(
    ({ band, actual }) => actual.waitMs.p95 >= band.low - 1 && actual.waitMs.p95 <= band.high + 1,
  )
  const lost = (model) =>
    steady.map(({ actual, models }) => Math.abs(models[model].timeoutRatio - actual.timeoutRatio) * 100)
  const worst = (model) => `${Math.max(0, ...lost(model)).toFixed(1)}`
  return [
    `- Measured p95 below ${LEAST_MS} ms, left out above: ${calm.length} points. Predicted below ${LEAST_MS} ms too: ${calm.length - alarms.length}${alarms.length === 0 ? '' : `; the longest wait predicted for the others: ${Math.max(...alarms.map(({ models }) => models.replay.waitMs.p95)).toFixed(1)} ms`}.`,
    `- Sizes for which the page shows the band alone: ${bands.length} points; measured p95 within the band, give or take 1 ms: ${inside.length}.`,
    `- Time-outs where holds do not depend on concurrency, off in the median and at worst: replay ${quantileOf(lost('replay'), 0.5).toFixed(1)} and ${worst('replay')} points, Erlang C at worst ${worst('Erlang C')}, Allen-Cunneen ${worst('Allen-Cunneen')}.`,
  ].join('\n')
}

function recommended(advice) {
  const names = [...new Set(advice.map(({ workload }) => workload))]
  const advised = (some) => some.filter(({ chosen }) => chosen !== null)
  const withinOne = (some) => advised(some).filter(({ chosen, best }) => Math.abs(chosen - best) <= 1)
  const share = (some) => `${withinOne(some).length} of ${advised(some).length}`
  const rows = names.map((name) => {
    const own = advice.filter(({ workload }) => workload === name)
    const froms = [...new Set(own.map(({ from }) => from))]
    // What the advice costs: measured wait and hold at the size chosen, over the best measured.
    const costs = own.flatMap(({ chosen, sizes }) => {
      const at = sizes.find(({ size }) => size === chosen)
      const least = Math.min(...sizes.map(({ totalP95Ms }) => totalP95Ms))
      return at === undefined ? [] : [at.totalP95Ms / least - 1]
    })
    return [
      name,
      froms
        .map((from) => {
          const sizes = own.filter((one) => one.from === from).map(({ chosen }) => chosen ?? none)
          return `${from}: ${sizes.join(' ')}`
        })
        .join(', '),
      [...new Set(own.map(({ best }) => best))].sort((a, b) => a - b).join(', '),
      share(own),
      shown(costs, percent),
    ]
  })
  const head = [
    'workload',
    'recommended from each size',
    'best measured',
    'within one',
    'total p95 over the best',
  ]
  const refused = advice.length - advised(advice).length
  return `${table(head, rows)}\n\nWithin one of the best measured: ${share(advice)}. No size was advised after ${refused} runs, in ${advice.filter(({ chosen, stalled }) => chosen === null && stalled > 0.05).length} of them because of stalls.`
}

function machineOf(runs, windowMs) {
  const range = (values, digits) =>
    `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`
  const of = (key) => runs.map(({ machine }) => machine[key])
  const checkouts = runs.map(({ trace }) => trace.waitMs.length)
  return `Windows of ${windowMs / 1000} s, ${range(checkouts, 0)} checkouts each, ${runs.length} runs, Node ${process.versions.node}. Load of the machine ${range(of('load'), 1)}; timers of the benchmark late by ${range(of('stallP99Ms'), 1)} ms at p99, by workload.`
}

/** All tables, as Markdown. @param all for each workload its runs, its points and what was recommended */
export function report(all, windowMs) {
  const points = all.flatMap((one) => one.points)
  return [
    machineOf(
      all.flatMap((one) => one.runs),
      windowMs,
    ),
    targets(points),
    'By workload, p95 of the wait, shrinking / growing:',
    byWorkload(points),
    besides(points),
    recommended(all.flatMap((one) => one.advice)),
  ].join('\n\n')
}
