// Plays some of the runs in one process. Usage: node service.mjs '<settings>' run-01 run-02 …
// Says on stdout, a JSON line each, when something was lost. Ends with its standard input.
import { setTimeout as sleep } from 'node:timers/promises'
import { watch as watchKnex } from '@poolscope/probe/knex'
import { watch as watchMysql } from '@poolscope/probe/mysql2'
import { watch as watchPg } from '@poolscope/probe/pg'
import { watch as watchSequelize } from '@poolscope/probe/sequelize'
import knex from 'knex'
import mysql from 'mysql2/promise'
import pg from 'pg'
import Cursor from 'pg-cursor'
import { Sequelize } from 'sequelize'
import { RUNS } from './runs.mjs'

const { agentUrl, postgresUrl, mysqlSettings } = JSON.parse(process.argv[2])
const mine = RUNS.filter(({ service }) => process.argv.includes(service))
/** Holds after which a pool's limit is learned, and some more. */
const WARM_HOLDS = 1100
const PACE_MS = 200
const stop = new AbortController()
process.stdin.resume().on('end', () => process.exit(0))
process.on('unhandledRejection', (error) => {
  console.error(error)
  process.exit(1)
})

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

function openPool(system, service, name) {
  const options = { service, name, instance: 'one', url: agentUrl }
  if (system === 'postgresql') {
    const pool = watchPg(new pg.Pool({ connectionString: postgresUrl, max: 5 }), options)
    pool.on('error', () => {})
    return pool
  }
  const pool = watchMysql(mysql.createPool({ ...mysqlSettings, connectionLimit: 5 }), options)
  // One word for both drivers, without a frame of ours between the caller and the pool.
  pool.connect = pool.getConnection
  return pool
}

const ORMS = {
  knex: (system, options) => {
    const connection = system === 'mysql' ? mysqlSettings : postgresUrl
    const client = system === 'mysql' ? 'mysql2' : 'pg'
    const db = watchKnex(knex({ client, connection, pool: { min: 0, max: 5 } }), options)
    return {
      transaction: db.transaction.bind(db),
      ask: (transaction) => transaction.raw('SELECT 1'),
      quick: () => db.raw('SELECT 1'),
    }
  },
  sequelize: (_system, options) => {
    const db = watchSequelize(new Sequelize(postgresUrl, { logging: false, pool: { max: 5 } }), options)
    return {
      transaction: db.transaction.bind(db),
      ask: (transaction) => db.query('SELECT 1', { transaction }),
      quick: () => db.query('SELECT 1'),
    }
  },
}

/** Says when this process stood still: on a machine that is too busy it can neither use a connection nor give it back. */
function watchOwnPace() {
  let lastMs = Date.now()
  setInterval(() => {
    const nowMs = Date.now()
    const stalledMs = nowMs - lastMs - PACE_MS
    if (stalledMs > PACE_MS) for (const { service } of mine) say({ service, stalledMs, stalledAt: nowMs })
    lastMs = nowMs
  }, PACE_MS)
}

async function play(run) {
  const { system, service } = run
  const orm = run.orm && ORMS[run.orm](system, { service, name: 'main', instance: 'one', url: agentUrl })
  const pool = orm ? null : openPool(system, service, 'main')
  const other = orm ? null : openPool(system, service, 'other')
  const quick = orm ? orm.quick : () => pool.query('SELECT 1')
  const warm = async () => {
    for (let i = 0; i < WARM_HOLDS; i++) {
      if (orm) await quick()
      else (await pool.connect()).release()
    }
  }
  if (!run.cold) await warm()
  // None begins while another still keeps the process busy.
  warmed()
  await allWarm
  say({ service, begun: Date.now() })
  if (run.label === 'leak') background(quick)
  const lost = () => say({ service, lost: Date.now() })
  await run.start({ pool, other, orm, system, row: run.row, signal: stop.signal, lost, warm, Cursor })
}

/** Goes on beside a leak, as the rest of an application does. */
async function background(quick) {
  while (!stop.signal.aborted) {
    await quick()
    await sleep(150)
  }
}

let left = mine.length
let warmed
const allWarm = new Promise((resolve) => {
  // What was warmed up with is to have been reported.
  warmed = () => --left === 0 && setTimeout(resolve, 2500)
})
watchOwnPace()
await Promise.all(mine.map(play))
