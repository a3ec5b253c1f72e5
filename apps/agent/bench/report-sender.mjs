// Sends reports over kept connections, one request in flight on each; each with a number of its own, as probes do.
import { Agent, request } from 'node:http'
import { busyReports } from './workload.mjs'

const CONNECTIONS = 200
const REQUESTS = 1000
const FIRST = 1_000_000_000

const bodies = new Map(
  [1, 10].map((perReport) => [
    perReport,
    busyReports(100 * perReport, perReport)().map((report) => numbered({ ...report, sequence: FIRST })),
  ]),
)
const agents = new Map()
let sequence = FIRST

/** A body with the place of its number, which always has as many digits. */
function numbered(report) {
  const body = Buffer.from(JSON.stringify(report))
  return { body, at: body.indexOf(String(FIRST)) }
}

function next({ body, at }) {
  sequence += 1
  const own = Buffer.from(body)
  own.write(String(sequence), at)
  return own
}

function send(agent, port, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const call = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/api/v1/reports', headers })
    call.on('response', (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`))
      response.resume().on('end', resolve)
    })
    call.on('error', reject)
    call.end(body)
  })
}

process.on('message', async ({ port, perReport }) => {
  if (!agents.has(port)) agents.set(port, new Agent({ keepAlive: true, maxSockets: CONNECTIONS }))
  const list = bodies.get(perReport)
  let sent = 0
  const worker = async () => {
    while (sent < REQUESTS) await send(agents.get(port), port, next(list[sent++ % list.length]))
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
  process.send({ sent: REQUESTS })
})
process.send('ready')
process.on('disconnect', () => process.exit())
