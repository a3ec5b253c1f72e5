import { describe, expect, it } from 'vitest'
import { runPasted, snippetsOf } from './pasted.ts'

/**
 * A server that answers nobody until 20 connections are open, and a 21st has had a moment to come. The callers begin
 * before anything of it runs.
 */
const HOLDING_SERVER = `
       let most = 0
       let answerAll
       const all = new Promise((resolve) => { answerAll = resolve })
       const server = http.createServer({ keepAliveTimeout: 60_000 }, (_, answer) => all.then(() => answer.end()))
       server.on('connection', () => server.getConnections((_, count) => {
         most = Math.max(most, count)
         if (count === 20) setTimeout(answerAll, 100)
       }))
       setTimeout(answerAll, 20_000).unref()`

/** Loads the pasted files with the real library, and prints what the library made of the settings. */
async function inNode(id: string, program: string, files?: readonly string[]) {
  const all = snippetsOf(id)
  const snippets = files === undefined ? all : all.filter(({ file }) => files.includes(file))
  const { printed, stderr } = await runPasted(
    process.execPath,
    snippets,
    { file: 'main.js', text: program },
    {
      DATABASE_URL: 'postgresql://u:p@127.0.0.1:9/app',
      MONGODB_URI: 'mongodb://127.0.0.1:9/app',
      REDIS_URL: 'redis://127.0.0.1:9',
      GRPC_TARGET: '127.0.0.1:9',
    },
  )
  return { settings: printed, stderr }
}

const PG_SETTINGS = {
  max: 20,
  min: 5,
  connectionTimeoutMillis: 2500,
  idleTimeoutMillis: 30_000,
  maxLifetimeSeconds: 3600,
  statement_timeout: 30_000,
}

describe('what is pasted for Node', () => {
  it('is understood by pg', async () => {
    const { settings } = await inNode(
      'pg',
      `import { pool } from './db.js'
       const { max, min, connectionTimeoutMillis, idleTimeoutMillis, maxLifetimeSeconds, statement_timeout } = pool.options
       const listeners = pool.listenerCount('error')
       console.log(JSON.stringify({ max, min, connectionTimeoutMillis, idleTimeoutMillis, maxLifetimeSeconds, statement_timeout, listeners }))`,
    )
    expect(settings).toEqual({ ...PG_SETTINGS, listeners: 1 })
  })

  it('is understood by mysql2, which warns of settings that it does not know', async () => {
    const { settings, stderr } = await inNode(
      'mysql2',
      `import { pool } from './db.js'
       const { connectionLimit, maxIdle, idleTimeout, waitForConnections, queueLimit, connectionConfig } = pool.pool.config
       pool.getConnection().catch(() => {}).then(() => pool.end())
       const { connectTimeout, enableKeepAlive, keepAliveInitialDelay } = connectionConfig
       console.log(JSON.stringify({ connectionLimit, maxIdle, idleTimeout, waitForConnections, queueLimit, connectTimeout, enableKeepAlive, keepAliveInitialDelay }))`,
    )
    expect(settings).toEqual({
      connectionLimit: 20,
      maxIdle: 5,
      idleTimeout: 30_000,
      waitForConnections: true,
      queueLimit: 200,
      connectTimeout: 5000,
      enableKeepAlive: true,
      keepAliveInitialDelay: 0,
    })
    expect(stderr).toBe('')
  })

  it('is understood by Prisma’s adapter, which gives it to a pool of pg', async () => {
    const { settings } = await inNode(
      'prisma',
      `import { adapter } from './adapter.js'
       const { options } = (await adapter.connect()).underlyingDriver()
       const { max, min, connectionTimeoutMillis, idleTimeoutMillis, maxLifetimeSeconds, statement_timeout } = options
       console.log(JSON.stringify({ max, min, connectionTimeoutMillis, idleTimeoutMillis, maxLifetimeSeconds, statement_timeout }))`,
      ['adapter.js'],
    )
    expect(settings).toEqual(PG_SETTINGS)
  })

  it('is understood by the driver of Mongoose, which refuses settings that it does not know', async () => {
    const { settings } = await inNode(
      'mongoose',
      `import mongoose from 'mongoose'
       import { connect, options } from './db.js'
       const client = new mongoose.mongo.MongoClient(process.env.MONGODB_URI, options)
       const { maxPoolSize, minPoolSize, maxIdleTimeMS, waitQueueTimeoutMS, connectTimeoutMS, serverSelectionTimeoutMS, socketTimeoutMS } = client.options
       console.log(JSON.stringify({ maxPoolSize, minPoolSize, maxIdleTimeMS, waitQueueTimeoutMS, connectTimeoutMS, serverSelectionTimeoutMS, socketTimeoutMS, connect: typeof connect }))`,
    )
    expect(settings).toEqual({
      maxPoolSize: 20,
      minPoolSize: 5,
      maxIdleTimeMS: 30_000,
      waitQueueTimeoutMS: 2500,
      connectTimeoutMS: 5000,
      serverSelectionTimeoutMS: 5000,
      socketTimeoutMS: 30_000,
      connect: 'function',
    })
  })

  it('is understood by ioredis', async () => {
    const { settings } = await inNode(
      'ioredis',
      `import { Redis } from 'ioredis'
       import { redis } from './redis.js'
       const known = Object.keys(new Redis({ lazyConnect: true }).options)
       const { maxRetriesPerRequest, enableReadyCheck, enableOfflineQueue, connectTimeout, commandTimeout, keepAlive } = redis.options
       redis.disconnect()
       const pasted = { maxRetriesPerRequest, enableReadyCheck, enableOfflineQueue, connectTimeout, commandTimeout, keepAlive }
       const unknown = Object.keys(pasted).filter((name) => !known.includes(name))
       console.log(JSON.stringify({ ...pasted, unknown }))`,
    )
    expect(settings).toEqual({
      maxRetriesPerRequest: 3,
      enableReadyCheck: true,
      enableOfflineQueue: true,
      connectTimeout: 5000,
      commandTimeout: 30_000,
      keepAlive: 30_000,
      // A setting without a default, so that it stands in no list.
      unknown: ['commandTimeout'],
    })
  })

  it('holds Node’s own HTTP client to its sockets', async () => {
    const { settings } = await inNode(
      'http',
      `import http from 'node:http'
       import { httpAgent, httpsAgent } from './agents.js'
       ${HOLDING_SERVER}
       server.listen(0, '127.0.0.1', async () => {
         const { port } = server.address()
         const get = () => new Promise((done) => http.get({ port, host: '127.0.0.1', agent: httpAgent }, (answer) => answer.resume().on('end', done)))
         await Promise.all(Array.from({ length: 50 }, get))
         console.log(JSON.stringify({ most, kept: Object.values(httpAgent.freeSockets).flat().length, https: httpsAgent.maxSockets }))
         httpAgent.destroy()
         server.close()
       })`,
      ['agents.js'],
    )
    expect(settings).toEqual({ most: 20, kept: 20, https: 20 })
  })

  it('holds fetch to its connections', async () => {
    const { settings } = await inNode(
      'http',
      `import http from 'node:http'
       import { fetch } from 'undici'
       import { dispatcher } from './fetch.js'
       ${HOLDING_SERVER}
       server.listen(0, '127.0.0.1', async () => {
         const url = 'http://127.0.0.1:' + server.address().port
         await Promise.all(Array.from({ length: 50 }, () => fetch(url).then((answer) => answer.text())))
         console.log(JSON.stringify({ most }))
         await dispatcher.close()
         server.close()
       })`,
      ['fetch.js'],
    )
    expect(settings).toEqual({ most: 20 })
  })

  it('is understood by grpc-js, channel by channel', async () => {
    const { settings } = await inNode(
      'grpc',
      `import { readFileSync } from 'node:fs'
       import { createRequire } from 'node:module'
       import { client, clients } from './channels.js'
       const { recognizedOptions } = createRequire(import.meta.url)('@grpc/grpc-js/build/src/channel-options.js')
       const names = [...readFileSync('channels.js', 'utf8').matchAll(/'(grpc\\.\\w+)':/g)].map(([, name]) => name)
       console.log(JSON.stringify({ count: clients.length, known: names.every((name) => recognizedOptions[name]), names: names.length, again: client() === client() }))
       for (const one of clients) one.close()`,
    )
    expect(settings).toEqual({ count: 1, known: true, names: 5, again: true })
  })
})
