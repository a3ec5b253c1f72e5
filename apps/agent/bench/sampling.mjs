// What watching costs a PostgreSQL, a MariaDB and, where there is one, a MySQL at 1 Hz with 500 sessions, beside a client that reads the whole list of
// sessions once a second. CPU time of what serves each on the server, a process or a thread, from /proc: Linux only.
// Usage: pnpm --filter @poolscope/agent bench:sampling [--only mariadb]   (build first)
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startPostgres } from '@poolscope/lab'
import { findMysqld, startMariadb } from '@poolscope/testkit'
import { createConnection } from 'mysql2/promise'
import pg from 'pg'
import { parseServerUrl } from '../dist/config/parse-server-url.js'
import { createSource } from '../dist/sources/create-source.js'

const SESSIONS = 500
const LIMIT = 0.5
const SECONDS = 60
/** The kernel counts CPU time in hundredths of a second. */
const TICK_MS = 10
const LAST = "'a statement of the usual length that a session ran last'"

const SETTINGS = { settings: { 'max-connections': String(SESSIONS + 50) } }
const mysqld = findMysqld()

const SERVERS = {
  postgresql: async () => {
    const server = await startPostgres({ maxConnections: SESSIONS + 50 })
    return {
      url: server.url,
      stop: () => server.stop(),
      begin: 'BEGIN',
      whole: 'SELECT * FROM pg_stat_activity',
      // A process serves a session.
      servers: `SELECT application_name AS name, pid AS task FROM pg_stat_activity
 WHERE application_name IN ('poolscope', 'peer')`,
      connect: async (application) => {
        const client = new pg.Client({ connectionString: server.url, application_name: application })
        client.on('error', () => {})
        await client.connect()
        return { query: async (sql) => (await client.query(sql)).rows, end: () => client.end() }
      },
    }
  },
  mariadb: async () => mysqlLike(await startMariadb(SETTINGS)),
  ...(mysqld === null ? {} : { mysql: async () => mysqlLike(await mysqld.start(SETTINGS)) }),
}

function mysqlLike(server) {
  return {
    url: `mysql://root@${server.host}:${server.port}`,
    stop: () => server.stop(),
    begin: 'START TRANSACTION WITH CONSISTENT SNAPSHOT',
    whole: 'SHOW FULL PROCESSLIST',
    // A thread does.
    servers: `SELECT ATTR_VALUE AS name, THREAD_OS_ID AS task FROM performance_schema.threads t
 JOIN performance_schema.session_connect_attrs a ON a.PROCESSLIST_ID = t.PROCESSLIST_ID
 WHERE ATTR_NAME = 'program_name' AND ATTR_VALUE IN ('poolscope', 'peer')`,
    connect: async (application) => {
      const { host, port } = server
      const connectAttributes = { program_name: application }
      const client = await createConnection({ host, port, user: 'root', connectAttributes })
      return { query: async (sql) => (await client.query(sql))[0], end: () => client.end() }
    },
  }
}

const cpuMs = (task) => {
  const fields = readFileSync(`/proc/${task}/task/${task}/stat`, 'utf8').split(') ').at(-1).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

async function measure(system) {
  const server = await SERVERS[system]()
  const clients = []
  const connect = async (application) => {
    const client = await server.connect(application)
    clients.push(client)
    return client
  }
  for (let i = 0; i < SESSIONS; i++) {
    const client = await connect(`service-${i % 25}`)
    await client.query(i % 20 === 0 ? server.begin : `SELECT ${i}, ${LAST}`)
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
      await peer.query(server.whole)
      await sleep(1000)
    }
  })()

  const admin = await connect('admin')
  await sleep(5000)
  const rows = await admin.query(server.servers)
  const taskOf = Object.fromEntries(rows.map(({ name, task }) => [name, task]))
  const before = {
    poolscope: cpuMs(taskOf.poolscope),
    peer: cpuMs(taskOf.peer),
    samples,
    atMs: performance.now(),
  }
  await sleep(SECONDS * 1000)
  const elapsedMs = performance.now() - before.atMs
  const share = (name) => ((cpuMs(taskOf[name]) - before[name]) / elapsedMs) * 100
  const ours = share('poolscope')
  const theirs = share('peer')
  console.log(
    `${system}: ${SESSIONS} sessions, ${SECONDS} s, ${samples - before.samples} samples; share of one core on the server`,
  )
  console.log(`  poolscope: sessions each time, the rest every 10 s   ${ours.toFixed(2)} %`)
  console.log(`  ${server.whole} once a second`.padEnd(55), `${theirs.toFixed(2)} %`)
  console.log(`  ratio ${(ours / theirs).toFixed(2)}; limit ${LIMIT} % ${ours <= LIMIT ? 'PASS' : 'FAIL'}`)
  asking = false
  await asked
  await source.stop()
  for (const client of clients) await client.end()
  await server.stop()
  return ours <= LIMIT
}

const { only } = parseArgs({ options: { only: { type: 'string' } } }).values
const passed = []
for (const system of Object.keys(SERVERS)) {
  if (only === undefined || only === system) passed.push(await measure(system))
}
process.exitCode = passed.every(Boolean) ? 0 : 1
