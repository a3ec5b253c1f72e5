// Holds that look like leaks and are none. Each goes on until `signal` is aborted, and gives back what it took.
import { setTimeout as sleep } from 'node:timers/promises'

const SELECT_SLEEP = { postgresql: (s) => `SELECT pg_sleep(${s})`, mysql: (s) => `SELECT SLEEP(${s})` }
const UPDATE = (row) => `UPDATE stock SET note = 'reserved' WHERE id = ${row}`

/** One statement that runs for long. */
async function longReport({ pool, system, signal }) {
  while (!signal.aborted) {
    const client = await pool.connect()
    await client.query(SELECT_SLEEP[system](12))
    client.release()
  }
}

/** The same with a processor that is busy. */
async function busyReport({ pool, signal }) {
  while (!signal.aborted) {
    const client = await pool.connect()
    await client.query('SELECT count(*) FROM generate_series(1, 6000000) n WHERE n % 7 = 3')
    client.release()
    await sleep(3000)
  }
}

/** A transaction of many small statements, with work of the application between them. */
async function batchJob({ pool, signal, row }) {
  while (!signal.aborted) {
    const client = await pool.connect()
    await client.query('BEGIN')
    for (let i = 0; i < 30 && !signal.aborted; i++) {
      await client.query(UPDATE(row))
      await sleep(400)
    }
    await client.query('COMMIT')
    client.release()
  }
}

/** A transaction that is quiet for two seconds at a time. */
async function slowSteps({ pool, signal, row }) {
  while (!signal.aborted) {
    const client = await pool.connect()
    await client.query('BEGIN')
    for (let i = 0; i < 5 && !signal.aborted; i++) {
      await client.query(UPDATE(row))
      await sleep(2000)
    }
    await client.query('COMMIT')
    client.release()
  }
}

async function listens({ pool, signal }) {
  const client = await pool.connect()
  client.on('notification', () => {})
  await client.query('LISTEN orders')
  await until(signal)
  client.release(true)
}

/** Calls a slow neighbour while it holds a connection. */
async function heldDuringCall({ pool, signal }) {
  while (!signal.aborted) {
    const client = await pool.connect()
    await client.query('SELECT 1')
    await sleep(2500)
    await client.query('SELECT 1')
    client.release()
    await sleep(100)
  }
}

/** A call that has always taken five seconds, and took them before the pool was busy. */
async function slowCallAsEver({ pool, signal, warm }) {
  const call = async () => {
    const client = await pool.connect()
    await client.query('SELECT 1')
    await sleep(5000)
    await client.query('SELECT 1')
    client.release()
  }
  await call()
  await call()
  await warm()
  while (!signal.aborted) await call()
}

/** The process stands still for six seconds while a connection is in its hands, as in a long computation. */
async function standsStill({ pool, signal }) {
  while (!signal.aborted) {
    const client = await pool.connect()
    await client.query('SELECT 1')
    // Nothing else of the process runs meanwhile; without taking the processor from the other runs.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 6000)
    await sleep(300)
    await client.query('SELECT 1')
    client.release()
    await sleep(500)
  }
}

/** A writer who waits for a row that a job of another pool has. */
async function blockedWriter({ pool, other, signal, row }) {
  while (!signal.aborted) {
    const job = await other.connect()
    await job.query('BEGIN')
    await job.query(UPDATE(row))
    const writer = await pool.connect()
    const written = writer.query(UPDATE(row))
    for (let i = 0; i < 25 && !signal.aborted; i++) {
      await job.query('SELECT 1')
      await sleep(400)
    }
    await job.query('COMMIT')
    job.release()
    await written
    writer.release()
  }
}

/** A change of a table that has to wait for a report that reads it. */
async function slowDdl({ pool, other, system, signal, row }) {
  const table = `changes_${row}`
  const client = await pool.connect()
  await client.query(`CREATE TABLE ${table} (id int)`)
  client.release()
  while (!signal.aborted) {
    const report = await other.connect()
    await report.query('BEGIN')
    await report.query(`SELECT * FROM ${table}`)
    const reported = report.query(SELECT_SLEEP[system](8)).then(() => report.query('COMMIT'))
    const changer = await pool.connect()
    await changer.query(`ALTER TABLE ${table} ADD COLUMN c${Date.now()} int`)
    changer.release()
    await reported
    report.release()
  }
}

/** Who waits for its turn by a lock of the application's own. */
async function advisoryLock({ pool, other, signal, row }) {
  while (!signal.aborted) {
    const leader = await other.connect()
    await leader.query(`SELECT pg_advisory_lock(${row})`)
    const next = await pool.connect()
    const turn = next.query(`SELECT pg_advisory_lock(${row})`)
    for (let i = 0; i < 20 && !signal.aborted; i++) {
      await leader.query('SELECT 1')
      await sleep(400)
    }
    await leader.query(`SELECT pg_advisory_unlock(${row})`)
    leader.release()
    await turn
    await next.query(`SELECT pg_advisory_unlock(${row})`)
    next.release()
  }
}

/** A cursor that is read on every second. */
async function slowReader({ pool, signal, Cursor }) {
  const client = await pool.connect()
  const cursor = client.query(new Cursor('SELECT n FROM generate_series(1, 1000000) n'))
  while (!signal.aborted) {
    await cursor.read(10)
    await sleep(1000)
  }
  await cursor.close()
  client.release()
}

/** A stream of rows that is read slowly. */
async function slowStream({ pool, signal }) {
  const client = await pool.connect()
  const rows = client.connection.query("SELECT seq, REPEAT('x', 2000) FROM seq_1_to_1000000").stream()
  let read = 0
  for await (const _ of rows) {
    if (signal.aborted) break
    if (++read % 200 === 0) await sleep(500)
  }
  client.destroy()
}

/** A pool in which all is well, and much happens. */
async function healthyLoad({ pool, signal }) {
  const caller = async (n) => {
    while (!signal.aborted) {
      const client = await pool.connect()
      await client.query('SELECT 1')
      await sleep((n * 13) % 40)
      await client.query('SELECT 2')
      client.release()
      await sleep(20 + n)
    }
  }
  await Promise.all([1, 2, 3, 4, 5, 6].map(caller))
}

function until(signal) {
  return new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}

const both = [
  { kind: 'long report', start: longReport },
  { kind: 'batch job', start: batchJob },
  { kind: 'transaction in slow steps', start: slowSteps },
  { kind: 'held during a call of 2.5 s', start: heldDuringCall },
  { kind: 'held during a call of 5 s, as ever', start: slowCallAsEver, cold: true },
  { kind: 'process stands still', start: standsStill, alone: true },
  { kind: 'writer waits for a row', start: blockedWriter },
  { kind: 'slow change of a table', start: slowDdl },
  { kind: 'healthy load', start: healthyLoad },
]

export const INNOCENTS = {
  postgresql: [
    ...both,
    { kind: 'busy report', start: busyReport },
    { kind: 'listening session', start: listens },
    { kind: 'lock of the application', start: advisoryLock },
    { kind: 'cursor read slowly', start: slowReader },
  ],
  mysql: [...both, { kind: 'stream read slowly', start: slowStream }],
}
