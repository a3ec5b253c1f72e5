// How late live frames are while a year is queried. The agent is a process of its own; client and queries are threads here.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { WebSocket } from 'ws'

const EVERY_MS = 100
const SECONDS = 20
const ROLE = 'agent'

/** Fills a year for that many pools, and runs the agent with one live client, without and with queries. */
export async function frameLateness(pools) {
  const { fillYear } = await import('./history-year.mjs')
  const dir = mkdtempSync(join(tmpdir(), 'poolscope-bench-'))
  const { bytes, tookMs } = fillYear(dir, pools, Math.floor(Date.now() / 1000))
  console.log(
    `a year of ${pools} pools: ${(bytes / 2 ** 20).toFixed(0)} MiB written in ${(tookMs / 1000).toFixed(0)} s`,
  )
  try {
    return { pools, ...(await measured(dir, pools)) }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** The measurement alone, in a directory that is filled. */
export async function measured(dir, pools) {
  const agent = fork(new URL(import.meta.url), [ROLE, dir, String(pools)])
  const [{ url }] = await once(agent, 'message')
  const lateMs = []
  const took = { fleet: [], one: [] }
  const client = new Worker(new URL(import.meta.url), { workerData: { role: 'client', url } })
  client.on('message', (late) => lateMs.push(late))
  await once(agent, 'message')
  const run = async () => {
    lateMs.length = 0
    agent.send({ seconds: SECONDS })
    const [facts] = await once(agent, 'message')
    await sleep(500)
    const sorted = lateMs.toSorted((a, b) => a - b)
    return { ...facts, frames: sorted.length, p50Ms: rank(sorted, 0.5), p99Ms: rank(sorted, 0.99) }
  }
  const alone = await run()
  const asker = new Worker(new URL(import.meta.url), { workerData: { role: 'asker', url, pools } })
  asker.on('message', ({ what, ms }) => took[what].push(ms))
  const asked = await run()
  await Promise.all([client.terminate(), asker.terminate()])
  const ended = once(agent, 'exit')
  agent.disconnect()
  await ended
  return {
    alone,
    asked,
    queries: took.fleet.length + took.one.length,
    fleetMs: rank(took.fleet, 0.5),
    oneMs: rank(took.one, 0.5),
  }
}

/** Null where the list is empty, as of queries that took longer than the run. */
function rank(list, ratio) {
  if (list.length === 0) return null
  return list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * ratio))]
}

/** What the kernel says of the main thread: how long it ran, and how long it stood ready without a core. */
function mainThread() {
  const [ranNs, waitedNs] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8')
    .split(' ')
    .map(Number)
  return { ranMs: ranNs / 1e6, waitedMs: waitedNs / 1e6 }
}

async function runAgent(dir, pools) {
  const { serveHistory } = await import('./history-server.mjs')
  const { YEAR_TIERS } = await import('./history-year.mjs')
  const { busyReports } = await import('./workload.mjs')
  let atMs = Date.now()
  const served = await serveHistory({ dir, tiers: YEAR_TIERS, nowMs: () => atMs })
  // Made beforehand: in a fleet it is the services that make them.
  const make = busyReports(pools, 1)
  const prepared = Array.from({ length: 10 }, make)
  let sequence = 0
  const reports = () => {
    sequence += 1
    return prepared[sequence % prepared.length].map((report) => ({ ...report, sequence }))
  }
  const rssMiB = () => process.memoryUsage.rss() / 2 ** 20
  let dueMs = Math.ceil(Date.now() / EVERY_MS) * EVERY_MS
  const run = async (seconds) => {
    dueMs = Math.max(dueMs, Math.ceil(Date.now() / EVERY_MS) * EVERY_MS)
    const endMs = dueMs + seconds * 1000
    const before = mainThread()
    const beforeMiB = rssMiB()
    let mostMiB = beforeMiB
    for (let ticks = 0; dueMs < endMs; ticks++) {
      await sleep(Math.max(0, dueMs - Date.now()))
      atMs = dueMs
      if (ticks % 10 === 0) for (const report of reports()) served.fleet.takeReport(report)
      const tick = served.fleet.tick()
      served.hub.broadcast(tick)
      if (ticks % 10 === 0) served.history.append(tick)
      mostMiB = Math.max(mostMiB, rssMiB())
      dueMs += EVERY_MS
    }
    const after = mainThread()
    return {
      beforeMiB,
      mostMiB,
      busyRatio: (after.ranMs - before.ranMs) / (seconds * 1000),
      waitedMs: ((after.waitedMs - before.waitedMs) * EVERY_MS) / (seconds * 1000),
    }
  }
  process.send({ url: served.url })
  while (served.hub.clients === 0) await sleep(20)
  // What is compiled and allocated once is not what is measured.
  await run(3)
  process.on('message', async ({ seconds }) => process.send(await run(seconds)))
  process.send('ready')
  process.on('disconnect', async () => {
    await served.stop()
    process.exit()
  })
}

async function runClient(url) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/live`)
  socket.on('message', (data) => {
    const arrivedMs = performance.timeOrigin + performance.now()
    const message = JSON.parse(data)
    if (message.type === 'tick') parentPort.postMessage(arrivedMs - message.atMs)
  })
}

async function runAsker(url, pools) {
  for (let i = 0; ; i++) {
    const toMs = Date.now()
    const range = `fromMs=${toMs - 365 * 86_400_000}&toMs=${toMs}`
    const startMs = performance.now()
    const what = i % 2 === 0 ? 'fleet' : 'one'
    const path =
      what === 'fleet'
        ? `fleet/history?column=inUse&points=1000&${range}`
        : `groups/p${i % pools}/history?points=2000&${range}`
    const answer = await fetch(`${url}/api/v1/${path}`)
    await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
    parentPort.postMessage({ what, ms: performance.now() - startMs })
  }
}

if (isMainThread && process.argv[2] === ROLE) await runAgent(process.argv[3], Number(process.argv[4]))
if (!isMainThread && workerData?.role === 'client') await runClient(workerData.url)
if (!isMainThread && workerData?.role === 'asker') await runAsker(workerData.url, workerData.pools)
