// How late live frames are while a year is queried. The client and the queries are on threads of their own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { WebSocket } from 'ws'
import { busyReports } from './workload.mjs'

const TIERS = [
  { stepMs: 1000, keepMs: 6 * 3_600_000 },
  { stepMs: 10_000, keepMs: 3 * 86_400_000 },
  { stepMs: 60_000, keepMs: 30 * 86_400_000 },
  { stepMs: 300_000, keepMs: 366 * 86_400_000 },
]
const EVERY_MS = 100
const SECONDS = 20
const STEP_SEC = 300
const CHUNK_ROWS = 240

/** Fills a year of rows of 5 min for each pool. */
async function fillYear(dir, pools, toSec) {
  const { ChunkStore } = await import('../dist/history/chunk-store.js')
  const { blockOf } = await import('../dist/history/chunk.js')
  const { rollUp } = await import('../dist/history/aggregate.js')
  const { rolledNames } = await import('../dist/history/kinds.js')
  const { busyFleet } = await import('./history-workload.mjs')
  const { POOL_COLUMNS } = await import('@poolscope/protocol')
  const store = new ChunkStore({ dir, tiers: TIERS, budgetBytes: 2 ** 40 })
  const { series, valuesAt } = busyFleet(pools)
  const chunks = Math.floor((365 * 86_400) / (STEP_SEC * CHUNK_ROWS))
  const begin = Math.floor(toSec / STEP_SEC) * STEP_SEC - chunks * CHUNK_ROWS * STEP_SEC
  for (let chunk = 0; chunk < chunks; chunk++) {
    const times = Float64Array.from(
      { length: CHUNK_ROWS },
      (_, i) => begin + (chunk * CHUNK_ROWS + i) * STEP_SEC,
    )
    const rows = Array.from(times, (_, i) => valuesAt((chunk * CHUNK_ROWS + i) * STEP_SEC))
    for (const [index, of] of series.entries()) {
      const columns = new Map(
        POOL_COLUMNS.map((name, column) => [
          name,
          Float64Array.from(rows, (values) => values[index * POOL_COLUMNS.length + column]),
        ]),
      )
      const grid = { fromSec: times[0], stepSec: STEP_SEC, rows: CHUNK_ROWS }
      const block = rollUp([blockOf(times, columns)], POOL_COLUMNS, grid)
      store.put({ of, stepSec: STEP_SEC, block, names: rolledNames(POOL_COLUMNS) })
    }
  }
  store.close()
}

/** Runs the agent with that many pools, one live client, and queries of a year one after the other. */
export async function frameLateness(pools) {
  const { serveHistory } = await import('./history-server.mjs')
  const dir = mkdtempSync(join(tmpdir(), 'poolscope-bench-'))
  await fillYear(dir, pools, Math.floor(Date.now() / 1000))
  let atMs = Date.now()
  const served = await serveHistory({ dir, tiers: TIERS, nowMs: () => atMs })
  const reports = busyReports(pools, 1)
  const lateMs = []
  const took = { fleet: [], one: [] }
  const client = new Worker(new URL(import.meta.url), { workerData: { role: 'client', url: served.url } })
  client.on('message', (late) => lateMs.push(late))
  await sleep(2000)
  globalThis.gc?.()
  const beforeMiB = process.memoryUsage.rss() / 2 ** 20
  let mostMiB = beforeMiB
  const run = async (seconds) => {
    lateMs.length = 0
    let dueMs = Math.ceil(Date.now() / EVERY_MS) * EVERY_MS
    const endMs = dueMs + seconds * 1000
    for (let ticks = 0; dueMs < endMs; ticks++) {
      await sleep(Math.max(0, dueMs - Date.now()))
      atMs = dueMs
      if (ticks % 10 === 0) for (const report of reports()) served.fleet.takeReport(report)
      const tick = served.fleet.tick()
      served.hub.broadcast(tick)
      if (ticks % 10 === 0) served.history.append(tick)
      mostMiB = Math.max(mostMiB, process.memoryUsage.rss() / 2 ** 20)
      dueMs += EVERY_MS
    }
    await sleep(500)
    return lateMs.toSorted((a, b) => a - b)
  }
  const alone = await run(SECONDS)
  const asker = new Worker(new URL(import.meta.url), {
    workerData: { role: 'asker', url: served.url, pools },
  })
  asker.on('message', ({ what, ms }) => took[what].push(ms))
  const sorted = await run(SECONDS)
  await client.terminate()
  await asker.terminate()
  await served.stop()
  rmSync(dir, { recursive: true, force: true })
  const rank = (list, ratio) => list[Math.min(list.length - 1, Math.floor(list.length * ratio))]
  const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]
  return {
    pools,
    frames: sorted.length,
    queries: took.fleet.length + took.one.length,
    p50Ms: rank(sorted, 0.5),
    p99Ms: rank(sorted, 0.99),
    aloneP99Ms: rank(alone, 0.99),
    fleetMs: median(took.fleet),
    oneMs: median(took.one),
    beforeMiB,
    mostMiB,
  }
}

if (!isMainThread && workerData?.role === 'client') {
  const socket = new WebSocket(`${workerData.url.replace('http', 'ws')}/api/v1/live`)
  socket.on('message', (data) => {
    const arrivedMs = performance.timeOrigin + performance.now()
    const message = JSON.parse(data)
    if (message.type === 'tick') parentPort.postMessage(arrivedMs - message.atMs)
  })
}
if (!isMainThread && workerData?.role === 'asker') {
  for (let i = 0; ; i++) {
    const toMs = Date.now()
    const range = `fromMs=${toMs - 365 * 86_400_000}&toMs=${toMs}`
    const startMs = performance.now()
    const what = i % 2 === 0 ? 'fleet' : 'one'
    const path =
      what === 'fleet'
        ? `fleet/history?column=inUse&points=1000&${range}`
        : `groups/p${i % workerData.pools}/history?points=2000&${range}`
    const answer = await fetch(`${workerData.url}/api/v1/${path}`)
    await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
    parentPort.postMessage({ what, ms: performance.now() - startMs })
  }
}
