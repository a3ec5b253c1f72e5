// How near the predictions come: real pg pools of several sizes on a real PostgreSQL, each run replayed to predict all
// the other sizes. Progress goes to standard error, tables to standard output as Markdown.
// --quick: short windows. --seconds N, --only WORD. --docs: into docs/sizing-accuracy.md. --keep FILE: what was measured;
// --from FILE: predict again from that, without a database.
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startPostgres } from '@poolscope/lab'
import { compare } from './accuracy/compare.mjs'
import { durationOf, measure } from './accuracy/measure.mjs'
import { report } from './accuracy/report.mjs'
import { rowsOfCpuJob, workloads } from './accuracy/workloads.mjs'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    only: { type: 'string', default: '' },
    docs: { type: 'boolean', default: false },
    keep: { type: 'string' },
    from: { type: 'string' },
  },
})
const PAGE = new URL('../../../docs/sizing-accuracy.md', import.meta.url)
const BEGIN = '<!-- figures of bench:accuracy -->'
const END = '<!-- end of figures -->'
const say = (text) => console.error(text)

async function measureAll() {
  const windowMs = Number(values.seconds ?? (values.quick ? 8 : 60)) * 1000
  const postgres = await startPostgres({ maxConnections: 250 })
  try {
    const chosen = workloads(await rowsOfCpuJob(postgres.url)).filter(({ name }) =>
      name.includes(values.only),
    )
    const all = []
    let leftMs = chosen.reduce((sum, workload) => sum + durationOf(workload, windowMs), 0)
    for (const workload of chosen) {
      say(`${workload.name}; ${Math.ceil(leftMs / 60_000)} minutes left`)
      all.push({ workload, runs: await measure(workload, postgres.url, windowMs, say) })
      leftMs -= durationOf(workload, windowMs)
    }
    return { windowMs, all }
  } finally {
    await postgres.stop()
  }
}

// JSON has no typed arrays and no NaN. A hundredth of a ms is finer than the clock of a probe.
const rounded = (_, value) =>
  ArrayBuffer.isView(value)
    ? Array.from(value, (x) => (Number.isNaN(x) ? null : Math.round(x * 100) / 100))
    : value

function kept(file) {
  const { windowMs, all } = JSON.parse(readFileSync(file, 'utf8'))
  const floats = (list) => Float64Array.from(list, (x) => x ?? Number.NaN)
  const back = ({ arrivalMs, waitMs, holdMs, caller, ...rest }) => ({
    ...rest,
    arrivalMs: floats(arrivalMs),
    waitMs: floats(waitMs),
    holdMs: floats(holdMs),
    caller: Uint32Array.from(caller),
  })
  return {
    windowMs,
    all: all
      .filter(({ workload }) => workload.name.includes(values.only))
      .map(({ workload, runs }) => ({
        workload,
        runs: runs.map((run) => ({ ...run, trace: back(run.trace) })),
      })),
  }
}

const { windowMs, all } = values.from === undefined ? await measureAll() : kept(values.from)
if (values.keep !== undefined) writeFileSync(values.keep, JSON.stringify({ windowMs, all }, rounded))
say('Predicting')
const text = report(
  all.map(({ workload, runs }) => ({ runs, ...compare(workload, runs) })),
  windowMs,
)
console.log(text)
if (values.docs) {
  const page = readFileSync(PAGE, 'utf8')
  const [before, rest] = page.split(BEGIN)
  const after = rest?.split(END)[1]
  if (after === undefined) throw new Error(`${PAGE.pathname} has no place for figures`)
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${text}\n\n${END}${after}`)
}
