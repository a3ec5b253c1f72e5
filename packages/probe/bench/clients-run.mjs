// One client, bare or watched, in a process of its own: answers each message with the CPU time of an operation in µs.
import { Agent, request } from 'node:http'
import { createRequire } from 'node:module'
import { Duplex } from 'node:stream'

const [client, variant, given] = process.argv.slice(2)
const ports = JSON.parse(given)
const require = createRequire(import.meta.url)

async function watched(adapter, thing) {
  if (variant !== 'probe') return thing
  const { watch } = await import(`../dist/${adapter}/index.js`)
  // Port 9 answers nobody: what remains is the cost of measuring.
  return watch(thing, { url: 'http://127.0.0.1:9', name: 'bench' })
}

/** A Redis in this process, which answers each command at once. It knows one command, by its length. */
class Answering extends Duplex {
  static COMMAND = Buffer.byteLength('*2\r\n$3\r\nget\r\n$3\r\nkey\r\n')
  #bytes = 0

  _read() {}
  setKeepAlive() {}
  setNoDelay() {}
  setTimeout() {}

  _write(chunk, _encoding, done) {
    this.#bytes += chunk.length
    const commands = Math.floor(this.#bytes / Answering.COMMAND)
    this.#bytes -= commands * Answering.COMMAND
    if (commands > 0) this.push('+OK\r\n'.repeat(commands))
    done()
  }

  _writev(chunks, done) {
    this._write(Buffer.concat(chunks.map(({ chunk }) => Buffer.from(chunk))), null, done)
  }
}

class Connector {
  check() {
    return true
  }
  disconnect() {
    this.stream?.destroy()
  }
  async connect() {
    this.stream = new Answering()
    return this.stream
  }
}

async function redis() {
  const Redis = require('ioredis').default
  const made = new Redis({
    Connector,
    enableReadyCheck: false,
    disableClientInfo: true,
    lazyConnect: true,
    protocol: 2,
  })
  const redis = await watched('ioredis', made)
  await redis.connect()
  return redis
}

/** The shape of the work: how many operations, and how many of them at a time. */
const clients = {
  async ioredis() {
    const client = await redis()
    const batch = () => Promise.all(Array.from({ length: 100 }, () => client.get('key')))
    return [20_000, 100, batch]
  },
  async 'ioredis-pipeline'() {
    const client = await redis()
    const batch = () => {
      const pipeline = client.pipeline()
      for (let i = 0; i < 100; i++) pipeline.get('key')
      return pipeline.exec()
    }
    return [20_000, 100, batch]
  },
  async http() {
    const agent = await watched('http', new Agent({ keepAlive: true, maxSockets: 8 }))
    const options = { host: '127.0.0.1', port: ports.http, path: '/', agent }
    const one = () =>
      new Promise((resolve, reject) => {
        const asked = request(options, (response) => response.resume().on('end', resolve))
        asked.on('error', reject).end()
      })
    return [2000, 8, () => Promise.all(Array.from({ length: 8 }, one))]
  },
  async undici() {
    const { Pool } = require('undici')
    const pool = await watched('undici', new Pool(`http://127.0.0.1:${ports.http}`, { connections: 8 }))
    const one = async () => (await pool.request({ path: '/', method: 'GET' })).body.dump()
    return [2000, 8, () => Promise.all(Array.from({ length: 8 }, one))]
  },
  async mysql2() {
    const { createPool } = require('mysql2')
    const pool = createPool({ host: '127.0.0.1', port: ports.mysql2, user: 'root', connectionLimit: 4 })
    await watched('mysql2', pool)
    const one = () =>
      new Promise((resolve, reject) => {
        pool.getConnection((error, connection) => {
          if (error) return reject(error)
          connection.release()
          resolve()
        })
      })
    return [20_000, 1, one]
  },
}

const [operations, atATime, batch] = await clients[client]()
process.on('disconnect', () => process.exit(0))

async function round() {
  const before = process.cpuUsage()
  for (let done = 0; done < operations; done += atATime) await batch()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / operations
}

// By itself it runs for a profiler: `node --cpu-prof bench/clients-run.mjs http probe '{"http":8080}'`.
if (process.send === undefined) {
  for (let i = 0; i < 30; i++) console.log((await round()).toFixed(2))
  process.exit(0)
}
process.on('message', async () => process.send(await round()))
