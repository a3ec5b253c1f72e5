import { LAYOUT } from '../dist/core/histogram.js'
import { PoolMeter } from '../dist/core/meter.js'
import { reportOf, writeReport } from '../dist/core/report.js'

const target = { host: 'db', port: 5432, database: 'shop', user: 'shop' }
const view = { max: 20, min: 0, acquireTimeoutMs: 1000, idleTimeoutMs: 10_000, idle: 10, target }
const adapter = { system: 'postgresql', view: () => view, sessionPid: () => 4711 }

/** A pool as it is after a busy second: 500 checkouts spread over three octaves, 10 connections held. */
function busyPool() {
  const meter = new PoolMeter('orders', adapter, 64)
  const slots = Array.from({ length: 10 }, () => meter.adopt({}, false))
  for (const slot of slots) meter.served(meter.asked(null), slot)
  return meter
}

function fill(meter) {
  for (let i = 0; i < 500; i++) {
    const slot = meter.opening({})
    meter.served(meter.asked(null), slot)
    meter.returned(slot)
    meter.closed(slot)
  }
}

/** Prints what building one report costs: the main-thread time that a second of reporting takes. */
export async function reportCost() {
  console.log(`\nbuilding one report (histograms of ${LAYOUT.size} buckets)`)
  for (const pools of [1, 10, 200]) {
    const meters = Array.from({ length: pools }, busyPool)
    let best = Number.POSITIVE_INFINITY
    let bytes = 0
    for (let round = 0; round < 30; round++) {
      meters.forEach(fill)
      const start = performance.now()
      const reports = meters.map((meter) => meter.collect().report)
      const envelope = {
        service: 'shop',
        instance: 'host:1',
        startedAtMs: 0,
        sequence: 1,
        windowMs: 1000,
        droppedTotal: 0,
      }
      const { json } = writeReport(reportOf(envelope, reports))
      best = Math.min(best, performance.now() - start)
      bytes = json.length
    }
    const us = (best * 1000).toFixed(0)
    console.log(
      `  ${String(pools).padStart(3)} pools: ${us.padStart(6)} µs, ${(bytes / 1024).toFixed(1).padStart(6)} KB`,
    )
  }
}
