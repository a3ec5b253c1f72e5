// Reports a second that the agent takes in, beside a bare node:http server that parses the same JSON.
// Usage: pnpm --filter @poolscope/agent bench:intake   (build first)
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Fleet } from '../dist/fleet/fleet.js'
import { benchApp } from './bench-app.mjs'

const LIMIT = 0.8
const ROUNDS = 7

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
const bare = createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    parsed += JSON.parse(Buffer.concat(chunks).toString('utf8')).pools.length
    const body = JSON.stringify({ accepted: 1, dropped: 0 })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
  })
})
// Connections rest while the other side has its turn: node would close them after five seconds.
bare.keepAliveTimeout = 72_000
bare.listen(0, '127.0.0.1')
await once(bare, 'listening')

const sender = fork(new URL('./report-sender.mjs', import.meta.url), { stdio: 'inherit' })
await once(sender, 'message')
async function cpuUsPerReport(port, perReport) {
  const before = process.cpuUsage()
  sender.send({ port, perReport })
  const [{ sent }] = await once(sender, 'message')
  const { user, system } = process.cpuUsage(before)
  return (user + system) / sent
}

const ports = { bare: bare.address().port, agent: app.server.address().port }
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]
let failed = false
console.log('server CPU µs a report, one report a request, 200 kept connections')
for (const perReport of [1, 10]) {
  const results = { bare: [], agent: [] }
  for (const port of Object.values(ports)) await cpuUsPerReport(port, perReport)
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, port] of Object.entries(ports))
      results[name].push(await cpuUsPerReport(port, perReport))
  }
  const bareUs = median(results.bare)
  const agentUs = median(results.agent)
  const share = bareUs / agentUs
  failed ||= share < LIMIT
  console.log(
    `${String(perReport).padStart(3)} pools: bare ${bareUs.toFixed(1)}, agent ${agentUs.toFixed(1)}; ` +
      `throughput ${(share * 100).toFixed(0)} % of bare (limit ${LIMIT * 100} %) ${share >= LIMIT ? 'PASS' : 'FAIL'}`,
  )
}
sender.kill()
bare.close()
bare.closeAllConnections()
await app.close()
process.exitCode = failed || parsed === 0 ? 1 : 0
