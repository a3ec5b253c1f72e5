import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isDeepStrictEqual, promisify } from 'node:util'
import { startPostgres } from '@poolscope/lab'
import { startMongoStandIn, type TempDir, tempDir } from '@poolscope/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FakeAgent } from './agent.ts'
import { startRedis } from './ioredis.fixture.ts'
import { type MysqlForTest, startMysqlForTest } from './mysql2.fixture.ts'
import { afterSeen, buildProbe, PRINT_LEFT, UNTIL_SEEN } from './probe-contract-process.ts'

const run = promisify(execFile)
const modules = fileURLToPath(new URL('../node_modules', import.meta.url))

let postgres: Awaited<ReturnType<typeof startPostgres>>
let mariadb: MysqlForTest
let probe: TempDir
let agent: FakeAgent
let app: TempDir

beforeAll(async () => {
  ;[postgres, mariadb, probe] = await Promise.all([startPostgres(), startMysqlForTest(), buildProbe()])
})
afterAll(() => Promise.all([postgres?.stop(), mariadb?.stop(), probe?.stop()]))
beforeEach(async () => {
  agent = await FakeAgent.start()
  app = await tempDir()
  await symlink(modules, join(app.path, 'node_modules'))
})
afterEach(async () => {
  await agent.stop()
  await app.stop()
})

/** Checkouts that were reported so far, by pool. */
function checkouts(): Record<string, number> {
  const names = new Set(agent.received.flatMap(({ report }) => report.pools.map(({ name }) => name)))
  const sumOf = (name: string) => agent.all(name).reduce((sum, { window }) => sum + window.checkouts, 0)
  return Object.fromEntries([...names].map((name) => [name, sumOf(name)]))
}

/**
 * Runs an application of these files, the first of which is its entry.
 * @param isSeen whether what it waits for in its files has come about
 */
async function reported(
  files: Record<string, string>,
  env: Record<string, string> = {},
  isSeen: () => boolean = () => true,
) {
  const [entry = ''] = Object.keys(files)
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(app.path, name)), { recursive: true })
    await writeFile(join(app.path, name), text)
  }
  const auto = pathToFileURL(join(probe.path, 'auto', 'index.js')).href
  const running = run(process.execPath, ['--import', auto, entry], {
    cwd: app.path,
    env: {
      ...process.env,
      POOLSCOPE_URL: agent.url,
      PG_URL: postgres.url,
      MYSQL_URL: `mysql://${mariadb.user}:${mariadb.password}@${mariadb.host}:${mariadb.port}/${mariadb.database}`,
      ...env,
    },
    timeout: 90_000,
  })
  const { stdout, stderr } = await afterSeen(running, isSeen)
  expect(agent.invalid).toEqual([])
  return { stdout, stderr }
}

/** Runs an application that ends when its pools have been reported on with these checkouts, and says nothing. */
async function expectReported(wanted: Record<string, number>, files: Record<string, string>): Promise<void> {
  const { stderr } = await reported(files, {}, () => isDeepStrictEqual(checkouts(), wanted))
  expect(stderr).toBe('')
  expect(checkouts()).toEqual(wanted)
}

/** Runs one that ends when these pools have been reported on with at least a checkout each, and says nothing. */
async function expectPools(
  wanted: readonly string[],
  files: Record<string, string>,
  env: Record<string, string>,
): Promise<void> {
  const used = () => Object.entries(checkouts()).flatMap(([name, count]) => (count > 0 ? [name] : []))
  const { stderr } = await reported(files, env, () => isDeepStrictEqual(used().sort(), wanted))
  expect(stderr).toBe('')
  expect(used().sort()).toEqual(wanted)
}

describe('an application that knows nothing of the probe', () => {
  it('has the pools of its ES modules found and named', async () => {
    const wanted = {
      'postgres@postgres (app.mjs)': 1,
      'app@shop (app.mjs)': 2,
      'postgres@postgres (src/db.mjs)': 1,
      'postgres@postgres (src/db.mjs)#2': 1,
    }
    await expectReported(wanted, {
      'app.mjs': `
        import { Pool } from 'pg'
        import mysql from 'mysql2/promise'
        import { pools } from './src/db.mjs'
        const pool = new Pool({ connectionString: process.env.PG_URL })
        await pool.query('SELECT 1')
        const other = mysql.createPool(process.env.MYSQL_URL)
        await other.query('SELECT 1')
        await other.execute('SELECT 2')
        ${UNTIL_SEEN}
        for (const one of [pool, other, ...pools]) await one.end()
      `,
      'src/db.mjs': `
        import pg from 'pg'
        export class Db extends pg.Pool {}
        export const pools = []
        for (let i = 0; i < 2; i++) {
          const pool = new Db({ connectionString: process.env.PG_URL })
          await pool.query('SELECT 1')
          pools.push(pool)
        }
      `,
    })
  })

  it.each(['mysql2', 'mysql2-2'])('has the pools of its CommonJS modules found, with %s', async (driver) => {
    await expectReported(
      { 'postgres@postgres (app.cjs)': 3, 'app@shop (app.cjs)': 1 },
      {
        'app.cjs': `
        const { Pool } = require('pg')
        const mysql = require('${driver}')
        async function main() {
          const pool = new Pool({ connectionString: process.env.PG_URL, max: 1 })
          const clients = await Promise.all([1, 2, 3].map(async () => (await pool.connect()).release()))
          const other = mysql.createPool(process.env.MYSQL_URL)
          if (!(pool instanceof Pool)) throw new Error('another class')
          await other.promise().query('SELECT 1')
          ${UNTIL_SEEN}
          await pool.end()
          await other.promise().end()
        }
        main()
      `,
      },
    )
  })

  it('has the pools of Knex and Sequelize found', async () => {
    const wanted = { 'postgres@postgres (app.mjs)': 1, 'postgres@postgres (app.mjs)#2': 1 }
    await expectReported(wanted, {
      'app.mjs': `
        import knex from 'knex'
        import { Sequelize } from 'sequelize'
        const db = knex({ client: 'pg', connection: process.env.PG_URL, pool: { min: 0 } })
        await db.raw('SELECT 1')
        const orm = new Sequelize(process.env.PG_URL, { logging: false })
        await orm.query('SELECT 1')
        ${UNTIL_SEEN}
        await Promise.all([db.destroy(), orm.close()])
      `,
    })
  })

  it.each(['ioredis', 'ioredis-5'])('has its Redis clients found, with %s', async (driver) => {
    const redis = await startRedis()
    const node = await startRedis('--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1')
    await node.control.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    const wanted = [
      'redis 2 (app.mjs)',
      'redis 2 (app.mjs)#2',
      `redis cluster (app.mjs) ${node.host}:${node.port}`,
    ]
    await expectPools(
      wanted,
      {
        'app.mjs': `
          import Redis, { Cluster } from '${driver}'
          const redis = new Redis(process.env.REDIS_URL)
          await redis.set('a', 1)
          const copy = redis.duplicate()
          await copy.get('a')
          const { hostname: host, port } = new URL(process.env.NODE_URL)
          const cluster = new Cluster([{ host, port: Number(port) }])
          cluster.on('error', () => {})
          for (let i = 0; ; i++) {
            const done = await cluster.set('a', 1).catch((error) => error)
            if (done === 'OK') break
            if (i > 50) throw done
            await new Promise((resolve) => setTimeout(resolve, 50))
          }
          ${UNTIL_SEEN}
          for (const client of [redis, copy, cluster]) client.disconnect()
        `,
      },
      {
        REDIS_URL: `redis://${redis.host}:${redis.port}/2`,
        NODE_URL: `redis://${node.host}:${node.port}`,
      },
    ).finally(() => Promise.all([redis.stop(), node.stop()]))
  })

  it.each([
    ['mongodb', 'mongoose'],
    ['mongodb-6', 'mongoose-8'],
  ])('has its MongoDB clients found, with %s and %s', async (driver, mapper) => {
    const standIn = await startMongoStandIn()
    await expectPools(
      ['shop (app.mjs)', 'shop (app.mjs)#2', 'shop (app.mjs)#3'],
      {
        'app.mjs': `
          import { MongoClient } from '${driver}'
          import mongoose from '${mapper}'
          const client = new MongoClient(process.env.MONGODB_URL)
          if (!(client instanceof MongoClient)) throw new Error('another class')
          await client.db().collection('orders').findOne({})
          const other = await MongoClient.connect(process.env.MONGODB_URL)
          await other.db().collection('orders').findOne({})
          await mongoose.connect(process.env.MONGODB_URL)
          await mongoose.connection.collection('orders').findOne({})
          ${UNTIL_SEEN}
          await Promise.all([client.close(), other.close(), mongoose.disconnect()])
        `,
      },
      { MONGODB_URL: `mongodb://${standIn.host}:${standIn.port}/shop` },
    ).finally(() => standIn.stop())
  })

  it('is not touched where measuring is off', async () => {
    const { stdout, stderr } = await reported(
      {
        'app.mjs': `
          import { Module } from 'node:module'
          import pg from 'pg'
          const pool = new pg.Pool({ connectionString: process.env.PG_URL })
          await pool.query('SELECT 1')
          await pool.end()
          console.log(Object.hasOwn(pool, 'connect'), Module.prototype.load.toString().includes('listen'))
        `,
      },
      { POOLSCOPE_URL: 'off' },
    )
    expect([stdout, stderr]).toEqual(['false false\n', ''])
    expect(checkouts()).toEqual({})
  })

  it('ends as it would without the probe, with an agent that never answers', async () => {
    agent.answer = () => {}
    const app = `
      import pg from 'pg'
      const pool = new pg.Pool({ connectionString: process.env.PG_URL })
      await pool.query('SELECT 1')
      ${UNTIL_SEEN}
      await pool.end()
      ${PRINT_LEFT}
    `
    const { stdout, stderr } = await reported({ 'app.mjs': app }, {}, () => agent.requests > 0)
    expect([stdout, stderr]).toEqual(['[]\n', ''])
  })
})
