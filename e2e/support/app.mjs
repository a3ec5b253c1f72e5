// An application with one pool, driven by messages: {hold: N} holds N connections in all, {wait: M}
// adds M callers who ask in vain, {release: true} gives everything back, {end: true} ends;
// {rounds: {callers, query, pauseMs}} has so many callers ask at once, again and again, each round after the one before.
import { setTimeout } from 'node:timers/promises'
import { watch } from '@poolscope/probe/pg'
import pg from 'pg'

/** `too_many_connections` of PostgreSQL. */
const NO_CONNECTION_LEFT = '53300'
const RETRY_MS = 500

const { DATABASE_URL, SERVICE, POOL_MAX, PROBE, TURNABLE } = process.env
const pool = new pg.Pool({
  connectionString: DATABASE_URL,
  max: Number(POOL_MAX),
  application_name: SERVICE,
  idleTimeoutMillis: 0,
})
pool.on('error', () => {})
if (PROBE !== 'none')
  watch(pool, { name: 'main', stackEvery: 1, ...(TURNABLE && { turnable: JSON.parse(TURNABLE) }) })

const held = []
let waiting = []

async function reserveStock() {
  const client = await pool.connect()
  client.on('error', () => {})
  return client
}

function forget(client) {
  const at = held.indexOf(client)
  if (at !== -1) held.splice(at, 1)
}

async function goRound({ callers, query, pauseMs }) {
  for (;;) {
    await Promise.all(Array.from({ length: callers }, () => pool.query(query)))
    await setTimeout(pauseMs)
  }
}

process.on('message', async (message) => {
  if (message.hold !== undefined) {
    while (held.length < message.hold) {
      try {
        held.push(await reserveStock())
      } catch (error) {
        if (error.code !== NO_CONNECTION_LEFT) throw error
        // What was got is held, and the rest is asked for again, as those of an application that ended may still go.
        await setTimeout(RETRY_MS)
      }
    }
    while (held.length > message.hold) held.pop().release()
  }
  if (message.query !== undefined) await pool.query(message.query)
  if (message.rounds !== undefined) void goRound(message.rounds)
  for (let i = 0; i < (message.wait ?? 0); i++) {
    waiting.push(
      pool.connect().then(
        (client) => client.release(),
        () => {},
      ),
    )
  }
  if (message.release) {
    for (const client of [...held]) {
      forget(client)
      client.release()
    }
    await Promise.all(waiting)
    waiting = []
  }
  if (message.end) process.exit(0)
  process.send({ done: message.id })
})
process.on('disconnect', () => process.exit(0))
process.send({ ready: true })
