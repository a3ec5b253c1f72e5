// Plays every labelled run on a real PostgreSQL and a real MariaDB, lets an agent judge them by what it sees, and compares.
// Prints precision, recall and the time to detect; exits 1 when one of them misses its target.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startPostgres } from '@poolscope/lab'
import { startMariadb } from '@poolscope/testkit'
import pg from 'pg'
import { parseServerUrl } from '../dist/config/parse-server-url.js'
import { resolveConfig } from '../dist/config/resolve-config.js'
import { startAgent } from '../dist/start-agent.js'
import { RUNS } from './runs.mjs'

/** How long is looked after the last hold was lost: beyond the limit of a pool that is not known yet. */
const WATCHED_MS = 36_000
/** And how much longer while something is not found yet: a machine that is too busy is slow in all. */
const PATIENCE_MS = 30_000
/** From the limit to the verdict. */
const MOST_LATE_MS = 2000
const ROWS = RUNS.length + 1

const postgres = await startPostgres({ maxConnections: 400 })
const mariadb = await startMariadb({ settings: { 'max-connections': '400' } })
await prepare()
const fixed = RUNS.filter(({ limitMs }) => limitMs !== undefined)
const usual = resolveConfig({ flags: { port: '0' }, env: {}, readSecretFile: () => '' })
const agent = await startAgent({
  ...usual,
  servers: [postgres.url, `mariadb://root@${mariadb.host}:${mariadb.port}/`].map(
    (url) => parseServerUrl(url, null).target,
  ),
  history: { ...usual.history, dir: null },
  leakQuietMs: Object.fromEntries(fixed.map(({ service, limitMs }) => [`${service}/main`, limitMs])),
  logLevel: 'error',
}).catch(async (error) => {
  await Promise.all([postgres.stop(), mariadb.stop()])
  throw error
})
const seen = new Map(
  RUNS.map(({ service }) => [service, { begun: null, lost: [], stalls: [], suspects: new Map(), falls: 0 }]),
)
let failed = true
let broken = null
const children = startServices()
try {
  await until(() => [...seen.values()].every(({ begun }) => begun !== null), 240_000)
  await until(() => RUNS.every(({ service, leaks }) => seen.get(service).lost.length >= leaks), 60_000)
  const untilMs = Date.now() + WATCHED_MS
  const allFound = () => RUNS.every(({ service, leaks }) => seen.get(service).suspects.size >= leaks)
  while (Date.now() < untilMs || (Date.now() < untilMs + PATIENCE_MS && !allFound())) {
    if (broken !== null) throw new Error(broken)
    await look()
    await sleep(500)
  }
  failed = !report()
} finally {
  for (const child of children) child.kill('SIGKILL')
  await agent.close()
  await postgres.stop()
  await mariadb.stop()
}
process.exit(failed ? 1 : 0)

async function prepare() {
  const client = new pg.Client(postgres.url)
  await client.connect()
  await client.query('CREATE TABLE stock (id int PRIMARY KEY, note text)')
  await client.query(`INSERT INTO stock SELECT n, '' FROM generate_series(1, ${ROWS}) n`)
  await client.end()
  await mariadb.ask('CREATE DATABASE shop')
  await mariadb.ask('CREATE TABLE shop.stock (id int PRIMARY KEY, note text) ENGINE=InnoDB')
  await mariadb.ask(`INSERT INTO shop.stock SELECT seq, '' FROM shop.seq_1_to_${ROWS}`)
}

/** One process for most runs, and one of its own for each that lets its process stand still. */
function startServices() {
  const settings = JSON.stringify({
    agentUrl: agent.url,
    postgresUrl: postgres.url,
    mysqlSettings: { host: mariadb.host, port: mariadb.port, user: 'root', database: 'shop' },
  })
  const alone = RUNS.filter((run) => run.alone).map(({ service }) => [service])
  const together = RUNS.filter((run) => !run.alone).map(({ service }) => service)
  const script = fileURLToPath(new URL('service.mjs', import.meta.url))
  return [together, ...alone].map((services) => {
    const child = spawn(process.execPath, [script, settings, ...services], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line)
      const run = seen.get(said.service)
      if (said.begun !== undefined) run.begun = said.begun
      if (said.lost !== undefined) run.lost.push(said.lost)
      if (said.stalledMs !== undefined) run.stalls.push(said)
    })
    child.on('exit', (code) => {
      if (code !== null) broken = `a service ended with ${code}`
    })
    return child
  })
}

/** Asks the agent as a page would, and keeps whom it suspects. */
async function look() {
  const { pools } = await (await fetch(`${agent.url}/api/v1/fleet`)).json()
  for (const { id, service } of pools) {
    const run = seen.get(service)
    if (run === undefined) continue
    const { holders } = await (await fetch(`${agent.url}/api/v1/pools/${id}/holders`)).json()
    for (const holder of holders) {
      const key = `${id} ${holder.sessionPid}`
      if (holder.suspectedSinceMs !== null && !run.suspects.has(key)) run.suspects.set(key, holder)
      // What is learned of a suspect after that, such as its statement.
      else if (holder.suspectedSinceMs !== null)
        Object.assign(run.suspects.get(key), { lastStatement: holder.lastStatement })
    }
  }
}

/** Line of the source in which a run of a leak takes its connection. */
function lineOf(run) {
  const source = readFileSync(new URL('leaks.mjs', import.meta.url), 'utf8').split('\n')
  const name = (run.frame ?? run.start.name).split('.')[0]
  const from = source.findIndex(
    (line) => line.includes(`function ${name}(`) || line.includes(`class ${name} `),
  )
  const marked = source.findIndex((line, at) => at > from && line.includes('taken here'))
  return source[marked].trim().startsWith('//') ? marked + 2 : marked + 1
}

/** How long a process stood still between two moments. */
function stalled(stalls, fromMs, toMs) {
  return stalls
    .filter(({ stalledAt }) => stalledAt > fromMs && stalledAt <= toMs)
    .reduce((sum, { stalledMs, stalledAt }) => sum + Math.min(stalledMs, stalledAt - fromMs), 0)
}

function judge(run) {
  const { lost, stalls, suspects } = seen.get(run.service)
  const found = [...suspects.values()].sort((a, b) => a.suspectedSinceMs - b.suspectedSinceMs)
  const hits = found.slice(0, run.leaks)
  const lateMs = hits.map((holder, at) => holder.suspectedSinceMs - lost[at] - holder.quietLimitMs)
  // Without the time in which the process of the run got no core.
  const paceMs = hits.map((holder, at) => lateMs[at] - stalled(stalls, lost[at], holder.suspectedSinceMs))
  const wanted = run.label === 'leak' ? `leaks.mjs:${lineOf(run)}:` : null
  const named = hits.filter(({ site }) => site?.includes(wanted)).length
  return {
    run,
    found,
    hits: hits.length,
    missed: run.leaks - hits.length,
    falls: found.length - hits.length,
    lateMs,
    paceMs,
    named,
  }
}

function report() {
  const verdicts = RUNS.map(judge)
  const sum = (read) => verdicts.reduce((total, verdict) => total + read(verdict), 0)
  for (const system of ['postgresql', 'mysql']) {
    for (const label of ['leak', 'innocent']) {
      console.log(`\n${system}, ${label}`)
      for (const verdict of verdicts)
        if (verdict.run.system === system && verdict.run.label === label) printRun(verdict)
    }
  }
  const [hits, falls, missed, named] = [
    sum((v) => v.hits),
    sum((v) => v.falls),
    sum((v) => v.missed),
    sum((v) => v.named),
  ]
  const wall = verdicts.flatMap((verdict) => verdict.lateMs).sort((a, b) => a - b)
  const lateMs = verdicts.flatMap((verdict) => verdict.paceMs).sort((a, b) => a - b)
  const count = (label) => RUNS.filter((run) => run.label === label).length
  const percent = (part, of) => `${((100 * part) / of).toFixed(1)} %`
  const [median, latest] = [lateMs[lateMs.length >> 1], lateMs.at(-1)]
  console.log(
    `\n${RUNS.length} runs: ${count('leak')} with ${hits + missed} leaks, ${count('innocent')} innocent`,
  )
  console.log(`precision ${percent(hits, hits + falls)}: ${falls} false alarms`)
  console.log(`recall    ${percent(hits, hits + missed)}: ${missed} missed`)
  console.log(
    `detected  ${(median / 1000).toFixed(1)} s after the limit (median), ${(latest / 1000).toFixed(1)} s at most`,
  )
  const [load] = loadavg()
  console.log(
    `by the wall clock ${(wall[wall.length >> 1] / 1000).toFixed(1)} s (median), ${(wall.at(-1) / 1000).toFixed(1)} s at most: with the time in which processes got no core`,
  )
  console.log(`machine   load ${load.toFixed(1)} on ${availableParallelism()} cores`)
  console.log(`line      named right for ${percent(named, hits)} of those found`)
  const good = falls === 0 && missed === 0 && latest <= MOST_LATE_MS && named === hits
  console.log(
    good
      ? '\nPASS'
      : `\nFAIL (targets: 100 %, 100 %, at most ${MOST_LATE_MS / 1000} s after the limit, 100 %)`,
  )
  return good
}

function printRun({ run, found, missed, falls, lateMs, named }) {
  const [first] = found
  const words = []
  if (run.label === 'leak') words.push(missed === 0 ? 'found' : `MISSED ${missed}`)
  if (falls > 0) words.push(`FALSE ALARM ${falls}`)
  if (words.length === 0) words.push('left alone')
  if (first !== undefined) {
    words.push(
      `limit ${(first.quietLimitMs / 1000).toFixed(1)} s, then ${lateMs.map((ms) => (ms / 1000).toFixed(1)).join(' ')} s`,
    )
    words.push(first.activity, first.lastStatement ?? 'nothing ran')
    if (named < found.length) words.push(`LINE ${first.site}`)
  }
  console.log(`  ${run.service}  ${run.kind.padEnd(38)}${words.join(' · ')}`)
}

async function until(done, withinMs) {
  const deadlineMs = Date.now() + withinMs
  while (!done()) {
    if (broken !== null) throw new Error(broken)
    if (Date.now() > deadlineMs) {
      const open = RUNS.filter(({ service, leaks }) => {
        const { begun, lost } = seen.get(service)
        return begun === null || lost.length < leaks
      })
      throw new Error(
        `not within ${withinMs} ms: ${open.map(({ kind, system }) => `${system} ${kind}`).join(', ')}`,
      )
    }
    await sleep(100)
  }
}
