// CPU time of judging a tick by all rules, beside that of closing the tick, and of all advice, with for how long that holds
// up everything else at most; all pools are busy, each a group of its own.
// Usage: pnpm --filter @poolscope/agent bench:rules   (build first)
import { Alerts } from '../dist/alerts/alerts.js'
import { Fleet } from '../dist/fleet/fleet.js'
import { busyReports } from './workload.mjs'

const TICKS = 60
const WARM_UP = 20

for (const pools of [100, 1000]) {
  let nowMs = 1_700_000_000_000
  const fleet = new Fleet({ now: () => nowMs, tickMs: 1000 })
  const alerts = new Alerts({
    fleet,
    rules: {},
    notifiers: [],
    publicUrl: null,
    dir: null,
    random: Math.random,
    onError: () => {},
  })
  const reports = busyReports(pools)
  const times = { tick: [], rules: [] }
  for (let i = 0; i < TICKS; i++) {
    nowMs += 1000
    for (const report of reports()) fleet.takeReport(report)
    let tick
    times.tick.push(cpuMs(() => (tick = fleet.tick())))
    times.rules.push(cpuMs(() => alerts.observe(tick)))
  }
  const { cpu, blocked } = await heldUpBy(() => alerts.advice())
  const shown = [median(times.tick), median(times.rules), cpu, blocked].map((ms) => ms.toFixed(1))
  console.log(
    `${pools} pools: tick ${shown[0]} ms, rules ${shown[1]} ms, all advice once ${shown[2]} ms, held up for ${shown[3]} ms at most`,
  )
}

/** CPU time of what may pause, and the longest time in which nothing else could run. */
async function heldUpBy(work) {
  const before = process.cpuUsage()
  let blocked = 0
  let lastMs = performance.now()
  let done = false
  const turn = () => {
    blocked = Math.max(blocked, performance.now() - lastMs)
    lastMs = performance.now()
    if (!done) setImmediate(turn)
  }
  setImmediate(turn)
  await work()
  done = true
  blocked = Math.max(blocked, performance.now() - lastMs)
  const { user, system } = process.cpuUsage(before)
  return { cpu: (user + system) / 1000, blocked }
}

function cpuMs(work) {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

function median(values) {
  const sorted = values.slice(WARM_UP).sort((a, b) => a - b)
  return sorted[sorted.length >> 1]
}
