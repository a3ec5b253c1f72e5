// What it costs to bring 1,000 pools to 500 live clients, beside a bare broadcast of the same bytes.
// Usage: pnpm --filter @poolscope/agent bench:fan-out   (build first)
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocketServer } from 'ws'
import { Fleet } from '../dist/fleet/fleet.js'
import { tickMessage } from '../dist/stream/frames.js'
import { benchApp } from './bench-app.mjs'
import { busyReports } from './workload.mjs'

const POOLS = 1000
const CLIENTS = 500
const LIMIT = 1.5
// As many as a client gets before it is asked whether it keeps up.
const TICKS = 10
const ROUNDS = 5
const SETTLE_MS = 150

const fleet = new Fleet({ now: () => Date.now(), tickMs: 1000 })
const { app, alerts, hub } = await benchApp(fleet, null)
await app.listen({ host: '127.0.0.1', port: 0 })

const bareHttp = createServer()
const bare = new WebSocketServer({ server: bareHttp, perMessageDeflate: false })
bareHttp.listen(0, '127.0.0.1')
await once(bareHttp, 'listening')

const reports = busyReports(POOLS)
for (const report of reports()) fleet.takeReport(report)

const clients = fork(new URL('./live-clients.mjs', import.meta.url), { stdio: 'inherit' })
clients.send({
  count: CLIENTS,
  urls: [
    `ws://127.0.0.1:${bareHttp.address().port}/`,
    `ws://127.0.0.1:${app.server.address().port}/api/v1/live`,
  ],
})
await once(clients, 'message')

const constant = Buffer.from(JSON.stringify(tickMessage(fleet.tick(), alerts.counts(), 'fleet', 1, 1)))
// Closing a tick is what sampling costs, with or without clients; it is shown on a line of its own.
let closed = fleet.tick()
const variants = {
  bare: () => {
    for (const client of bare.clients) client.send(constant, { binary: false })
  },
  agent: () => hub.broadcast(closed),
  tick: () => fleet.tick(),
}

async function cpuMsPerTick(run) {
  const before = process.cpuUsage()
  for (let i = 0; i < TICKS; i++) {
    run()
    await sleep(SETTLE_MS)
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / TICKS
}

const results = Object.fromEntries(Object.keys(variants).map((name) => [name, []]))
for (const run of Object.values(variants)) await cpuMsPerTick(run)
for (let round = 0; round < ROUNDS; round++) {
  for (const report of reports()) fleet.takeReport(report)
  closed = fleet.tick()
  for (const [name, run] of Object.entries(variants)) results[name].push(await cpuMsPerTick(run))
}
clients.kill()
hub.close()
for (const client of bare.clients) client.terminate()
bareHttp.close()
await app.close()

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]
const of = Object.fromEntries(Object.entries(results).map(([name, values]) => [name, median(values)]))
const ratio = of.agent / of.bare
const row = (label, value) => console.log(`${label.padEnd(56)}${value.toFixed(2).padStart(8)}`)
console.log(
  `${POOLS} pools, ${CLIENTS} clients, ${constant.length} B a frame; CPU ms a tick, median of ${ROUNDS}`,
)
row('bare broadcast of one constant frame', of.bare)
row('agent: build the frame, send it, track who keeps up', of.agent)
row('agent: the tick itself, without clients', of.tick)
console.log(
  `ratio ${ratio.toFixed(2)} (limit ${LIMIT}) ${ratio <= LIMIT ? 'PASS' : 'FAIL'}; frames skipped: ${fleet.skippedFramesTotal}`,
)
process.exitCode = ratio <= LIMIT && fleet.skippedFramesTotal === 0 ? 0 : 1
