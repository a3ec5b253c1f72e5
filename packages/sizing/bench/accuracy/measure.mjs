import { loadavg } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { drive } from './drive.mjs'

/** Two kinds of traffic of a workload, and two pools of each size that meet the same traffic at the same moment. */
const SEEDS = [1, 2]
const COPIES = ['a', 'b']

/** The value that a share of the sorted values lies below. */
export const quantile = (sorted, ratio) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * ratio))] ?? 0

/** What the checkouts of a trace lived through. */
export function measured(trace) {
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
  const three = (list) => {
    list.sort((a, b) => a - b)
    return { p50: quantile(list, 0.5), p95: quantile(list, 0.95), p99: quantile(list, 0.99) }
  }
  return { waitMs: three(waits), totalMs: three(totals), timeoutRatio: refused / trace.waitMs.length }
}

/** Runs on their own take long, so that each gets half a window. */
const ownWindow = ({ alone }, windowMs) => (alone ? windowMs / 2 : windowMs)

/** How long measuring a workload takes, ms. */
export const durationOf = (workload, windowMs) =>
  SEEDS.length * ownWindow(workload, windowMs) * (workload.alone ? COPIES.length * workload.sizes.length : 1)

/** Runs every size of a workload, twice with each traffic, and says what the machine was like meanwhile. */
export async function measure(workload, url, windowMs, say) {
  const runs = []
  for (const seed of SEEDS) {
    const stalls = monitorEventLoopDelay({ resolution: 5 })
    const before = process.cpuUsage()
    const startMs = performance.now()
    const one = async (size, copy) => {
      const ms = ownWindow(workload, windowMs)
      const trace = await drive(url, size, workload.callers(seed, ms, { size, copy }), ms)
      runs.push({ seed, size, copy, trace })
    }
    stalls.enable()
    const each = workload.sizes.flatMap((size) => COPIES.map((copy) => [size, copy]))
    if (workload.alone) for (const [size, copy] of each) await one(size, copy)
    else await Promise.all(each.map(([size, copy]) => one(size, copy)))
    stalls.disable()
    const { user, system } = process.cpuUsage(before)
    const machine = {
      load: loadavg()[0],
      stallP99Ms: stalls.percentile(99) / 1e6,
      driverRatio: (user + system) / 1000 / (performance.now() - startMs),
    }
    const checkouts = runs
      .filter((run) => run.seed === seed)
      .reduce((sum, { trace }) => sum + trace.waitMs.length, 0)
    for (const run of runs.filter((done) => done.seed === seed)) run.machine = machine
    say(
      `${workload.name}, traffic ${seed}: ${checkouts} checkouts by ${each.length} pools, load ${machine.load.toFixed(1)}, timers late by ${machine.stallP99Ms.toFixed(1)} ms at p99, ${(machine.driverRatio * 100).toFixed(0)} % of a core to drive them`,
    )
  }
  return runs.sort((a, b) => a.seed - b.seed || a.copy.localeCompare(b.copy) || a.size - b.size)
}
