// Reports a second that the agent takes in, beside a bare node:http server that reads and parses the same bodies and
// answers the same, and beside one that also checks them by the agent's own check. The limit is on the former.
// Usage: pnpm --filter @poolscope/agent bench:intake   (build first)
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Fleet } from '../dist/fleet/fleet.js'
import { checkReport } from '../dist/intake/check-report.js'
import { benchApp } from './bench-app.mjs'

const LIMIT = 0.8
// Turns are short, so that other work on the machine meets all sides alike.
const WARM_UP = 4
const ROUNDS = 21

// 100 services report in turn; the clock moves so that each of them reports once a second, as probes do.
const SERVICES = 100
let reportsSeen = 0
const now = () => 1_700_000_000_000 + (reportsSeen * 1000) / SERVICES
const fleet = new Fleet({ now, tickMs: 1000 })
const takeReport = fleet.takeReport.bind(fleet)
fleet.takeReport = (report) => {
  reportsSeen += 1
  return takeReport(report)
}
const { app } = await benchApp(fleet, null, now)
await app.listen({ host: '127.0.0.1', port: 0 })

let parsed = 0
/** What anyone would write by hand. @param look at what was parsed */
async function byHand(look) {
  const server = createServer((request, response) => {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      parsed += look(JSON.parse(Buffer.concat(chunks).toString('utf8'))).pools.length
      const body = JSON.stringify({ accepted: 1, dropped: 0 })
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
    })
  })
  // Connections rest while the other side has its turn: node would close them after five seconds.
  server.keepAliveTimeout = 72_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
const servers = {
  bare: await byHand((report) => report),
  checked: await byHand(checkReport),
  agent: app.server,
}

const sender = fork(new URL('./report-sender.mjs', import.meta.url), { stdio: 'inherit' })
await once(sender, 'message')
async function cpuUsPerReport(port, perReport) {
  const before = process.cpuUsage()
  sender.send({ port, perReport })
  const [{ sent }] = await once(sender, 'message')
  const { user, system } = process.cpuUsage(before)
  return (user + system) / sent
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]
const percent = (ratio) => `${(ratio * 100).toFixed(0)} %`
let failed = false
console.log('server CPU µs a report, one report a request, 200 kept connections')
for (const perReport of [1, 10]) {
  const results = { bare: [], checked: [], agent: [] }
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const [name, server] of Object.entries(servers)) {
      const us = await cpuUsPerReport(server.address().port, perReport)
      if (round >= 0) results[name].push(us)
    }
  }
  const us = Object.fromEntries(Object.entries(results).map(([name, values]) => [name, median(values)]))
  const share = us.bare / us.agent
  failed ||= share < LIMIT
  console.log(
    `${String(perReport).padStart(3)} pools: bare ${us.bare.toFixed(1)}, checked ${us.checked.toFixed(1)}, ` +
      `agent ${us.agent.toFixed(1)}; throughput ${percent(us.checked / us.agent)} of checked, ` +
      `${percent(share)} of bare (limit ${percent(LIMIT)}) ${share >= LIMIT ? 'PASS' : 'FAIL'}`,
  )
}
sender.kill()
for (const server of [servers.bare, servers.checked]) {
  server.close()
  server.closeAllConnections()
}
await app.close()
process.exitCode = failed || parsed === 0 ? 1 : 0
