// What the probe adds to a checkout, beside the bare pool and OpenTelemetry's instrumentation of it.
// Fake in-process client, real pg-pool, a fresh process for each figure, the fastest round of the fastest process.
// Exits 1 when the probe is over its budget. `--quick` runs each process once.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { reportCost } from './report-cost.mjs'

const PROCESSES = process.argv.includes('--quick') ? 1 : 3
const VARIANTS = [
  { id: 'bare', label: 'bare pg-pool', budget: null },
  { id: 'probe', label: 'probe, no stacks', budget: 500 },
  { id: 'probe-stacks', label: 'probe, stacks 1 in 64', budget: 700 },
  { id: 'otel-api', label: 'OpenTelemetry, API only', budget: null },
  { id: 'otel-batch', label: 'OpenTelemetry, batch + metrics', budget: null },
]
const SHAPES = [
  { id: 'query', label: 'await pool.query()' },
  { id: 'promise', label: 'await pool.connect()' },
  { id: 'callback', label: 'pool.connect(callback)' },
]

function measure(variant, shape) {
  const script = fileURLToPath(new URL('run.mjs', import.meta.url))
  const child = spawnSync(process.execPath, [script, variant, shape], { encoding: 'utf8' })
  const ns = Number(child.stdout)
  if (child.status !== 0 || !(ns > 0)) throw new Error(`${variant} ${shape} failed: ${child.stderr}`)
  return ns
}

// The variants take turns, so that a slow spell of the machine meets all of them.
const ns = new Map()
function turn(shape, variants) {
  for (const variant of variants) {
    const key = `${variant.id} ${shape.id}`
    ns.set(key, Math.min(ns.get(key) ?? Number.POSITIVE_INFINITY, measure(variant.id, shape.id)))
  }
}
for (let i = 0; i < PROCESSES; i++) for (const shape of SHAPES) turn(shape, VARIANTS)

// A busy machine makes figures larger, never smaller: what is over its budget gets more chances to be fast.
const ours = VARIANTS.filter(({ id, budget }) => id === 'bare' || budget !== null)
const over = ({ id, budget }, shape) =>
  budget !== null && ns.get(`${id} ${shape.id}`) - ns.get(`bare ${shape.id}`) > budget
for (const shape of SHAPES) {
  for (let i = 0; i < 4 && ours.some((variant) => over(variant, shape)); i++) turn(shape, ours)
}

let failed = false
for (const shape of SHAPES) {
  const bare = ns.get(`bare ${shape.id}`)
  const otel = ns.get(`otel-batch ${shape.id}`) - bare
  console.log(`\n${shape.label}`)
  console.log(
    `  ${'variant'.padEnd(32)}${'ns'.padStart(8)}${'added'.padStart(8)}${'ratio'.padStart(8)}  budget`,
  )
  for (const variant of VARIANTS) {
    const { id, label, budget } = variant
    const total = ns.get(`${id} ${shape.id}`)
    const added = total - bare
    const tooMuch = over(variant, shape)
    failed ||= tooMuch
    const verdict = budget === null ? '' : `  ${tooMuch ? 'FAIL' : 'PASS'} (at most ${budget} ns added)`
    const figures = [total.toFixed(0), added.toFixed(0), `${(total / bare).toFixed(2)}x`]
    console.log(`  ${label.padEnd(32)}${figures.map((figure) => figure.padStart(8)).join('')}${verdict}`)
  }
  const probe = Math.max(1, ns.get(`probe-stacks ${shape.id}`) - bare)
  console.log(`  OpenTelemetry (batch) adds ${(otel / probe).toFixed(0)} times what the probe adds`)
}
await reportCost()
console.log(failed ? '\nFAIL' : '\nPASS')
process.exit(failed ? 1 : 0)
