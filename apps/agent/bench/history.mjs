// The history beside a Prometheus server with the same samples, and live frames while a year is queried.
// Usage: pnpm --filter @poolscope/agent bench:history [-- --pools 20 --hours 24]   (build first; Linux only)
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { POOL_COLUMNS } from '@poolscope/protocol'
import { ChunkStore } from '../dist/history/chunk-store.js'
import { frameLateness } from './history-live.mjs'
import { openAfterKill } from './history-open.mjs'
import { serveHistory } from './history-server.mjs'
import { busyFleet } from './history-workload.mjs'
import { bytesOf, startPrometheus, writeRequests } from './prometheus.mjs'

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    pools: { type: 'string', default: '20' },
    hours: { type: 'string', default: '24' },
    'year-pools': { type: 'string', default: '100' },
  },
})
const pools = Number(options.pools)
const hours = Number(options.hours)
const ticks = hours * 3600
const toSec = Math.floor(Date.now() / 300_000) * 300
const fromSec = toSec - ticks
/** Seconds for as long as the comparison, so that both keep every sample. */
const TIERS = [
  { stepMs: 1000, keepMs: 30 * 86_400_000 },
  { stepMs: 10_000, keepMs: 60 * 86_400_000 },
  { stepMs: 60_000, keepMs: 90 * 86_400_000 },
  { stepMs: 300_000, keepMs: 366 * 86_400_000 },
]
/** Ticks of one request to Prometheus: one in the hour that CPU is taken of, as for us; then many, to be done sooner. */
const CPU_TICKS = 3600
const BATCH = 60
/** Times that each query is asked, after once. */
const ASKED = 9

const dir = mkdtempSync(join(tmpdir(), 'poolscope-bench-'))
const [ourDir, theirDir] = [join(dir, 'poolscope'), join(dir, 'prometheus')]
mkdirSync(theirDir)
const prometheus = await startPrometheus(theirDir)
if (prometheus === null) {
  console.error('There is no prometheus on this machine: apt-get install prometheus.')
  rmSync(dir, { recursive: true, force: true })
  process.exit(1)
}
const store = new ChunkStore({ dir: ourDir, tiers: TIERS, budgetBytes: 2 ** 40 })
const { series, valuesAt } = busyFleet(pools)
const requestOf = writeRequests(series)
let ourCpuUs = 0
let samples = 0
let theirCpuMs = 0
const theirStartMs = prometheus.cpuMs()
for (let tick = 0; tick < ticks; ) {
  const batch = []
  const end = Math.min(tick + (tick < CPU_TICKS ? 1 : BATCH), ticks)
  for (let i = tick; i < end; i++) {
    batch.push({ atMs: (fromSec + i) * 1000, values: valuesAt(i) })
  }
  const before = process.cpuUsage()
  for (const { atMs, values } of batch) {
    store.append({ atMs, series, values })
    if ((atMs / 1000) % 10 === 0) store.housekeep()
  }
  const { user, system } = process.cpuUsage(before)
  if (tick < CPU_TICKS) ourCpuUs += user + system
  for (const { values } of batch) for (const value of values) if (!Number.isNaN(value)) samples += 1
  await prometheus.write(requestOf(batch))
  if (tick < CPU_TICKS) theirCpuMs = prometheus.cpuMs() - theirStartMs
  tick = end
}
store.flush()
for (let i = 0; i < 60; i++) store.housekeep()
const { tiers } = store.facts()
store.close()
const rawBytes = tiers[0].bytes
const fileBytes = bytesOf(ourDir)
const blockBytes = await prometheus.blockBytes()
rmSync(join(theirDir, 'data', 'snapshots'), { recursive: true, force: true })
const theirBytes = bytesOf(join(theirDir, 'data'))

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]
/** Median time, and CPU of both ends; the client and our server are in this process, so that `theirs` adds one. */
async function timed(ask, theirs = () => 0) {
  await ask()
  const times = []
  const cpuMs = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000 + theirs()
  }
  const beforeMs = cpuMs()
  for (let i = 0; i < ASKED; i++) {
    const startMs = performance.now()
    await ask()
    times.push(performance.now() - startMs)
  }
  return { ms: median(times), cpuMs: (cpuMs() - beforeMs) / ASKED }
}
const served = await serveHistory({ dir: ourDir, tiers: TIERS, nowMs: toSec * 1000 })
const read = async (path) => {
  const answer = await fetch(served.url + path)
  const body = await answer.json()
  if (!answer.ok) throw new Error(body.message)
  return body
}
/** One that works: three of ten are idle. */
const busy = `p${Math.min(pools - 1, 7)}`
const hour = `fromMs=${(toSec - 3600) * 1000}&toMs=${toSec * 1000 - 1}&points=720`
const ourHour = await timed(() => read(`/api/v1/groups/${busy}/history?${hour}`))
const askOneByOne = (over, sec) =>
  Promise.all(
    POOL_COLUMNS.map((column) =>
      prometheus.range(
        `${over}_over_time(${column}{pool="${busy}"}[${sec}s])`,
        toSec - 3600,
        toSec - sec,
        sec,
      ),
    ),
  )
const theirCpu = () => prometheus.cpuMs()
const theirHour = await timed(() => askOneByOne('max', 5), theirCpu)
// No spikes, as it is the last value of each step; but all columns in one answer, which the largest cannot be.
const theirLast = await timed(
  () => prometheus.range(`{pool="${busy}"}`, toSec - 3600, toSec - 5, 5),
  theirCpu,
)
// As a page does: averages, then the largest of the same rows.
const page = `fromMs=${(toSec - 3600) * 1000}&toMs=${toSec * 1000 - 1}&points=600`
const ourPage = await timed(async () => {
  for (const aggregate of ['avg', 'max'])
    await read(`/api/v1/groups/${busy}/history?${page}&aggregate=${aggregate}`)
})
const theirPage = await timed(async () => {
  for (const over of ['avg', 'max']) await askOneByOne(over, 10)
}, theirCpu)
const day = `column=inUse&fromMs=${fromSec * 1000}&toMs=${toSec * 1000 - 1}&points=${hours * 12}`
const ourDay = await read(`/api/v1/fleet/history?${day}`)
const theirDay = await prometheus.range('max_over_time(inUse[5m])', fromSec + 299, toSec - 1, 300)
checkSame(ourDay, theirDay)
const ourDayTook = await timed(() => read(`/api/v1/fleet/history?${day}`))
const theirDayTook = await timed(
  () => prometheus.range('max_over_time(inUse[5m])', fromSec + 299, toSec - 1, 300),
  theirCpu,
)
await served.stop()
await prometheus.stop()
rmSync(dir, { recursive: true, force: true })

/** The windows of the two are the same seconds but for the first of each, so that nearly all rows are equal. */
function checkSame(ours, theirs) {
  let equal = 0
  let rows = 0
  for (const { metric, values } of theirs) {
    values.forEach(([, text], row) => {
      rows += 1
      if (ours.groups[metric.pool]?.[row] === Number(text)) equal += 1
    })
  }
  if (rows < pools * hours * 12 - pools || equal / rows < 0.95)
    throw new Error(`${equal} of ${rows} rows are equal`)
}

const row = (what, ours, theirs, unit, limit) => {
  const ratio = ours / theirs
  const verdict =
    limit === undefined ? '' : ratio <= limit ? `  limit ${limit} PASS` : `  limit ${limit} FAIL`
  if (limit !== undefined && ratio > limit) process.exitCode = 1
  const show = (value) => value.toPrecision(3).padStart(8)
  console.log(
    `${what.padEnd(52)}${show(ours)} ${show(theirs)} ${unit.padEnd(8)} ratio ${ratio.toFixed(3)}${verdict}`,
  )
}
console.log(
  `${pools} pools, ${hours} h at 1 Hz, ${(samples / 1e6).toFixed(1)} M values; Poolscope, Prometheus`,
)
row('bytes per value, every second, finished blocks', rawBytes / samples, blockBytes / samples, 'B', 0.5)
row('bytes per value, all files, our three roll-ups too', fileBytes / samples, theirBytes / samples, 'B')
const both = (what, ours, theirs) => {
  row(what, ours.ms, theirs.ms, 'ms', 1)
  row('  CPU, server and client', ours.cpuMs, theirs.cpuMs, 'ms')
}
const columns = `${POOL_COLUMNS.length} columns`
both(`one pool, last hour, 5 s, largest, ${columns}`, ourHour, theirHour)
both(`one pool, last hour, as its page: 10 s, both, ${columns}`, ourPage, theirPage)
row('one pool, last hour, 5 s; theirs the last value', ourHour.ms, theirLast.ms, 'ms')
row('  CPU, server and client', ourHour.cpuMs, theirLast.cpuMs, 'ms')
both(`all pools, last ${hours} h, rows of 5 min, one column`, ourDayTook, theirDayTook)
row('CPU per tick, ours without HTTP', ourCpuUs / 1000 / CPU_TICKS, theirCpuMs / CPU_TICKS, 'ms')

const open = openAfterKill(100)
const isOpenInTime = open.tookMs < 1000
console.log(
  `a day of 100 pools opens in ${open.tookMs.toFixed(0)} ms after a kill (CPU ${open.cpuMs.toFixed(0)} ms), ` +
    `limit 1000 ms ${isOpenInTime ? 'PASS' : 'FAIL'}`,
)
if (!isOpenInTime) process.exitCode = 1

const live = await frameLateness(Number(options['year-pools']))
const ms = (value) => (value === null ? 'not one' : `${value.toFixed(value < 100 ? 1 : 0)} ms`)
console.log(
  `live frames of ${live.pools} pools, ten a second, while a year of them is queried without a pause; a year of all pools ` +
    `took ${ms(live.fleetMs)}, of one with all columns ${ms(live.oneMs)}`,
)
for (const [when, run] of [
  ['before', live.alone],
  [`${live.queries} queries`, live.asked],
]) {
  console.log(
    `  ${when}: ${run.frames} frames, lateness p50 ${ms(run.p50Ms)}, p99 ${ms(run.p99Ms)}; main thread busy ` +
      `${(run.busyRatio * 100).toFixed(1)} %, and waiting for a core ${ms(run.waitedMs)} a frame; ` +
      `memory ${run.beforeMiB.toFixed(0)}, at most ${run.mostMiB.toFixed(0)} MiB`,
  )
}
const isOnTime = live.asked.p99Ms !== null && live.asked.p99Ms < 50
console.log(`  limit of p99 50 ms ${isOnTime ? 'PASS' : 'FAIL'}`)
if (!isOnTime) process.exitCode = 1
