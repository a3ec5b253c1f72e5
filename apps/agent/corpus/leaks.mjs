// Ways to lose a connection. Each takes one from the pool in the line marked `taken here`, and calls `lost` when
// nothing will run on it any more. The driver's own API alone: what an application would write, and get wrong.
import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

const UPDATE = (row) => `UPDATE stock SET note = 'reserved' WHERE id = ${row}`

async function forgottenRelease({ pool, lost }) {
  const client = await pool.connect() // taken here
  await client.query('SELECT 1')
  lost()
}

async function earlyReturn({ pool, lost }) {
  const client = await pool.connect() // taken here
  const result = await client.query('SELECT id FROM stock WHERE id = -1')
  lost()
  if (result !== null) return null
  client.release()
}

async function exceptionBeforeRelease({ pool, lost }) {
  const order = null
  try {
    const client = await pool.connect() // taken here
    await client.query('SELECT 1')
    lost()
    await client.query(order.sql)
    client.release()
  } catch {
    // The caller is answered with an error, and nobody thinks of the connection.
  }
}

async function lostInRace({ pool, lost }) {
  const timeout = sleep(300).then(() => null)
  const work = (async () => {
    const client = await pool.connect() // taken here
    await client.query('SELECT 1')
    await sleep(600)
    lost()
    return client
  })()
  const client = await Promise.race([work, timeout])
  client?.release()
}

async function transactionLeftOpen({ pool, lost, row }) {
  const client = await pool.connect() // taken here
  await client.query('BEGIN')
  await client.query(UPDATE(row))
  lost()
}

async function abortedTransactionLeft({ pool, lost, row }) {
  const client = await pool.connect() // taken here
  await client.query('BEGIN')
  await client.query(UPDATE(row))
  try {
    await client.query('INSERT INTO stock SELECT id, note FROM stock WHERE id = 1')
    await client.query('COMMIT')
    client.release()
  } catch {
    // A duplicate key: the transaction is rolled back by nobody.
    lost()
  }
}

const sessions = new Map()
async function storedInMap({ pool, lost, row }) {
  const client = await pool.connect() // taken here
  await client.query('SELECT 1')
  sessions.set(`${row} ${Math.random()}`, client)
  lost()
}

async function handlerNeverFires({ pool, lost }) {
  const upload = new EventEmitter()
  const client = await pool.connect() // taken here
  await client.query('SELECT 1')
  upload.once('finish', () => client.release())
  sessions.set(upload, null)
  lost()
}

async function neverUsed({ pool, lost }) {
  await pool.connect() // taken here
  lost()
}

/** A cursor that is read once, and neither read on nor closed. */
async function cursorNotClosed({ pool, lost, Cursor }) {
  const client = await pool.connect() // taken here
  const cursor = client.query(new Cursor('SELECT n FROM generate_series(1, 1000000) n'))
  await cursor.read(10)
  lost()
}

/** A stream of rows whose reader goes away. */
async function streamNotRead({ pool, lost }) {
  const client = await pool.connect() // taken here
  const rows = client.connection.query("SELECT seq, REPEAT('x', 4000) FROM seq_1_to_20000").stream()
  await new Promise((resolve) => rows.once('readable', resolve))
  lost()
}

function callbackWithoutDone({ pool, lost }) {
  return new Promise((resolve) => {
    // taken here
    pool.connect((_error, client, done) => {
      client.query('SELECT no_such_column', (failure) => {
        if (failure) {
          lost()
          return resolve()
        }
        done()
      })
    })
  })
}

/** An application's own way to its pool, as most have one. */
class Database {
  constructor(pool) {
    this.pool = pool
  }

  async client() {
    const client = await this.pool.connect() // taken here
    return client
  }
}

async function throughWrapper({ pool, lost }) {
  const client = await new Database(pool).client()
  await client.query('SELECT 1')
  lost()
}

async function ormTransaction({ orm, lost }) {
  const transaction = await orm.transaction() // taken here
  await orm.ask(transaction)
  lost()
}

/** A leak that is hit again and again. */
async function untilExhausted(context) {
  for (let i = 0; i < 3; i++) {
    await forgottenRelease(context)
    await sleep(300)
  }
}

const both = [
  [forgottenRelease, 'forgotten release'],
  [earlyReturn, 'early return'],
  [exceptionBeforeRelease, 'exception before release'],
  [lostInRace, 'lost in a race of promises'],
  [transactionLeftOpen, 'transaction left open'],
  [abortedTransactionLeft, 'aborted transaction left'],
  [storedInMap, 'stored in a map'],
  [handlerNeverFires, 'handler never fires'],
  [neverUsed, 'never used'],
].map(([start, kind]) => ({ kind, start, leaks: 1 }))

/** Leaks by system. `frame` is the function that the stack has to name, where it is not the one that runs. */
export const LEAKS = {
  postgresql: [
    ...both,
    { kind: 'cursor not closed', start: cursorNotClosed, leaks: 1 },
    { kind: 'callback without done', start: callbackWithoutDone, leaks: 1 },
    { kind: 'through a wrapper', start: throughWrapper, leaks: 1, frame: 'Database.client' },
    { kind: 'transaction of Knex', start: ormTransaction, leaks: 1, orm: 'knex' },
    { kind: 'transaction of Sequelize', start: ormTransaction, leaks: 1, orm: 'sequelize' },
    { kind: 'three from one line', start: untilExhausted, leaks: 3, frame: 'forgottenRelease' },
    { kind: 'forgotten release, pool not known yet', start: forgottenRelease, leaks: 1, cold: true },
    { kind: 'forgotten release, limit set', start: forgottenRelease, leaks: 1, limitMs: 5000 },
  ],
  mysql: [
    ...both,
    { kind: 'stream not read', start: streamNotRead, leaks: 1 },
    { kind: 'through a wrapper', start: throughWrapper, leaks: 1, frame: 'Database.client' },
    { kind: 'transaction of Knex', start: ormTransaction, leaks: 1, orm: 'knex' },
    { kind: 'three from one line', start: untilExhausted, leaks: 3, frame: 'forgottenRelease' },
  ],
}
