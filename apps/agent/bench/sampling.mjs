// What watching costs the watched PostgreSQL at 1 Hz with 500 sessions, beside a client that reads pg_stat_activity
// whole once a second. CPU time of the server process that serves each, from /proc: Linux only.
// Usage: pnpm --filter @poolscope/agent bench:sampling   (build first)
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startPostgres } from '@poolscope/lab'
import pg from 'pg'
import { parseServerUrl } from '../dist/config/parse-server-url.js'
import { createSource } from '../dist/sources/create-source.js'

const SESSIONS = 500
const LIMIT = 0.5
const SECONDS = 60
/** The kernel counts CPU time in hundredths of a second. */
const TICK_MS = 10

const server = await startPostgres({ maxConnections: SESSIONS + 50 })
const clients = []
const connect = async (application) => {
  const client = new pg.Client({ connectionString: server.url, application_name: application })
  client.on('error', () => {})
  await client.connect()
  clients.push(client)
  return client
}
for (let i = 0; i < SESSIONS; i++) {
  const client = await connect(`service-${i % 25}`)
  await client.query(
    i % 20 === 0 ? 'BEGIN' : `SELECT ${i}, 'a statement of the usual length that a session ran last'`,
  )
}

const { target } = parseServerUrl(server.url, null)
const source = createSource(target, { now: Date.now, random: Math.random })
let samples = 0
source.start(({ sample }) => {
  if (sample !== null) samples += 1
})

const peer = await connect('peer')
let asking = true
const asked = (async () => {
  while (asking) {
    await peer.query('SELECT * FROM pg_stat_activity')
    await sleep(1000)
  }
})()

const admin = await connect('admin')
await sleep(5000)
const { rows } = await admin.query(
  "SELECT application_name AS name, pid FROM pg_stat_activity WHERE application_name IN ('poolscope', 'peer')",
)
const pidOf = Object.fromEntries(rows.map(({ name, pid }) => [name, pid]))
const cpuMs = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}
const before = {
  poolscope: cpuMs(pidOf.poolscope),
  peer: cpuMs(pidOf.peer),
  samples,
  atMs: performance.now(),
}
await sleep(SECONDS * 1000)
const elapsedMs = performance.now() - before.atMs
const share = (name) => ((cpuMs(pidOf[name]) - before[name]) / elapsedMs) * 100
const ours = share('poolscope')
const theirs = share('peer')
console.log(
  `${SESSIONS} sessions, ${SECONDS} s, ${samples - before.samples} samples; share of one core on the server`,
)
console.log(
  `poolscope: sessions each time, statements, limits and settings every 10 s   ${ours.toFixed(2)} %`,
)
console.log(
  `SELECT * FROM pg_stat_activity once a second                                ${theirs.toFixed(2)} %`,
)
console.log(`ratio ${(ours / theirs).toFixed(2)}; limit ${LIMIT} % ${ours <= LIMIT ? 'PASS' : 'FAIL'}`)
asking = false
await asked
await source.stop()
for (const client of clients) await client.end()
await server.stop()
process.exitCode = ours <= LIMIT ? 0 : 1
