// What the probe adds to one operation of the other clients: a Redis command, an HTTP request by node:http and by undici,
// a checkout of mysql2. CPU time of a process that has the client alone; servers live in this process and are not counted.
// A bare and a watched process take turns, round by round; medians. `--only ioredis,http`, `--quick` for a third of the rounds.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'

const ROUNDS = process.argv.includes('--quick') ? 7 : 21
const only = process.argv[process.argv.indexOf('--only') + 1]
const CLIENTS = [
  { id: 'ioredis', label: 'ioredis, GET, 100 at a time' },
  { id: 'ioredis-pipeline', label: 'ioredis, GET, pipelines of 100' },
  // System calls make these vary far more than what is measured: more rounds.
  { id: 'http', label: 'node:http, keep-alive', times: 4 },
  { id: 'undici', label: 'undici Pool', times: 4 },
  { id: 'mysql2', label: 'mysql2, getConnection' },
].filter(({ id }) => !process.argv.includes('--only') || only.split(',').includes(id))

const http = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1')
const mysql = createRequire(import.meta.url)('mysql2').createServer()
mysql.on('connection', (connection) => {
  connection.serverHandshake({
    protocolVersion: 10,
    serverVersion: '8.0.0',
    connectionId: 1,
    statusFlags: 2,
    characterSet: 8,
    capabilityFlags: 0xffffff & ~0x800,
  })
  connection.on('error', () => {})
})
mysql.listen(0, '127.0.0.1')
await Promise.all([once(http, 'listening'), once(mysql._server, 'listening')])
const ports = { http: http.address().port, mysql2: mysql._server.address().port }

function start(client, variant) {
  const script = fileURLToPath(new URL('clients-run.mjs', import.meta.url))
  const child = fork(script, [client, variant, JSON.stringify(ports)])
  return {
    /** CPU time of an operation, in µs. */
    async round() {
      child.send('round')
      const [us] = await once(child, 'message', { signal: AbortSignal.timeout(60_000) })
      return us
    },
    stop: () => child.kill(),
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

async function compare({ id, label, times = 1 }) {
  const sides = [start(id, 'bare'), start(id, 'probe')]
  const us = [[], []]
  // The first rounds let the compiler settle.
  for (let round = -3; round < ROUNDS * times; round++) {
    for (const side of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const cost = await sides[side].round()
      if (round >= 0) us[side].push(cost)
    }
  }
  for (const side of sides) side.stop()
  const [bare, probe] = us.map(median)
  const added = median(us[0].map((cost, i) => us[1][i] - cost))
  const cells = [bare.toFixed(2), probe.toFixed(2), added.toFixed(2), `${(probe / bare).toFixed(2)}x`]
  console.log(`${label.padEnd(32)}${cells.map((cell) => cell.padStart(9)).join('')}`)
}

const load = () => loadavg().map((value) => value.toFixed(1))
console.log(
  `load ${load().join(' ')}; µs of CPU an operation, medians of ${ROUNDS} rounds, four times as many for HTTP`,
)
console.log(
  `${''.padEnd(32)}${['bare', 'watched', 'added', 'ratio'].map((cell) => cell.padStart(9)).join('')}`,
)
for (const client of CLIENTS) await compare(client)
console.log(`load ${load().join(' ')}`)
process.exit(0)
