// CPU time of judging a tick by all rules, beside that of closing the tick, and of all advice, with for how long that holds
// up everything else at most; all pools are busy, each a group of its own.
// Usage: pnpm --filter @poolscope/agent bench:rules   (build first)
import { Fleet } from '../dist/fleet/fleet.js'
import { benchAlerts } from './bench-app.mjs'
import { busyReports } from './workload.mjs'

const TICKS = 60
const WARM_UP = 20
const ADVICE = 7

for (const pools of [100, 1000]) {
  let nowMs = 1_700_000_000_000
  const fleet = new Fleet({ now: () => nowMs, tickMs: 1000 })
  const alerts = benchAlerts(fleet)
  const reports = busyReports(pools)
  const times = { tick: [], rules: [] }
  for (let i = 0; i < TICKS; i++) {
    nowMs += 1000
    for (const report of reports()) fleet.takeReport(report)
    let tick
    times.tick.push(cpuMs(() => (tick = fleet.tick())))
    times.rules.push(cpuMs(() => alerts.observe(tick)))
  }
  const advice = []
  for (let i = 0; i < ADVICE; i++) advice.push(await heldUpBy(() => written(alerts.adviceJson())))
  const cpu = median(advice.map((one) => one.cpu))
  const blocked = median(advice.map((one) => one.blocked))
  const shown = [median(times.tick.slice(WARM_UP)), median(times.rules.slice(WARM_UP)), cpu, blocked].map(
    (ms) => ms.toFixed(1),
  )
  console.log(
    `${pools} pools: tick ${shown[0]} ms, rules ${shown[1]} ms, all advice as JSON ${shown[2]} ms, held up for ${shown[3]} ms at most`,
  )
}

/** Reads pieces to their end, as a socket does. */
async function written(pieces) {
  for await (const _ of pieces);
}

/** CPU time of what may pause, and the most of it in which nothing else could run. */
async function heldUpBy(work) {
  const begin = process.cpuUsage()
  let last = begin
  let done = false
  let blocked = 0
  const turn = () => {
    blocked = Math.max(blocked, msOf(process.cpuUsage(last)))
    last = process.cpuUsage()
    if (!done) setImmediate(turn)
  }
  setImmediate(turn)
  await work()
  done = true
  blocked = Math.max(blocked, msOf(process.cpuUsage(last)))
  return { cpu: msOf(process.cpuUsage(begin)), blocked }
}

function cpuMs(work) {
  const before = process.cpuUsage()
  work()
  return msOf(process.cpuUsage(before))
}

function msOf({ user, system }) {
  return (user + system) / 1000
}

function median(values) {
  const sorted = values.sort((a, b) => a - b)
  return sorted[sorted.length >> 1]
}
