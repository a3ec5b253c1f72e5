import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startPostgres } from '@poolscope/lab'
import { watch as watchKnex } from '@poolscope/probe/knex'
import { flush, watch } from '@poolscope/probe/pg'
import { watch as watchSequelize } from '@poolscope/probe/sequelize'
import { knex } from 'knex'
import { Pool, type PoolClient } from 'pg'
import { DataTypes, Sequelize } from 'sequelize'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { delivered, FakeAgent } from './agent.ts'
import { SLEEP, wakeAll } from './pg.fixture.ts'

let server: Awaited<ReturnType<typeof startPostgres>>
let agent: FakeAgent
const endings: (() => unknown)[] = []

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())
beforeEach(async () => {
  agent = await FakeAgent.start()
})
afterEach(async () => {
  for (const end of endings.splice(0)) await end()
  await flush()
  expect(agent.invalid).toEqual([])
  await agent.stop()
})

const options = () => ({ url: agent.url, name: 'p', stackEvery: 1 })
const source = readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\n')

/** `file:line` of the line of this file that ends in this mark. */
const lineOf = (mark: string) =>
  `packages/probe/test/stacks.test.ts:${source.findIndex((line) => line.endsWith(`// ${mark}`)) + 1}:`

/** The frames of the only holder, once that is one who asked in the marked line. @throws after 45 seconds */
async function stackFrom(mark: string): Promise<readonly string[]> {
  const deadline = performance.now() + 45_000
  const seen = new Set<string>()
  for (;;) {
    await delivered(flush)
    const stacks = agent.received.length === 0 ? [] : agent.pool('p').holders.map((holder) => holder.stack)
    const [frames] = stacks
    if (stacks.length === 1 && frames?.[0]?.includes(lineOf(mark)) === true) return frames
    for (const stack of stacks) seen.add(JSON.stringify(stack))
    if (performance.now() > deadline) throw new Error(`${lineOf(mark)} is in none of ${[...seen].join('\n')}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Lets a statement sleep until something is seen, and then ends it. */
async function endsAfter(seen: Promise<unknown>, asleep: Promise<unknown>): Promise<void> {
  const ended = expect(asleep).rejects.toThrow('canceling statement')
  await seen.finally(() => wakeAll(server.url))
  await ended
}

function pooled(): Pool {
  const pool = watch(new Pool({ connectionString: server.url, max: 2 }), options())
  endings.push(() => pool.end())
  return pool
}

/** An application's own way to its pool. */
class Database {
  readonly #pool = pooled()

  async client(): Promise<PoolClient> {
    const client = await this.#pool.connect() // in the wrapper
    return client
  }
}

describe('the stack of a holder', () => {
  it('names the line that asked, and those that awaited it, after the code has been asleep', async () => {
    const pool = pooled()
    async function reserves() {
      await new Promise((resolve) => setTimeout(resolve, 5))
      return await pool.connect() // asked
    }
    async function placesOrder() {
      return await reserves() // awaited
    }
    const client = await placesOrder()
    const frames = await stackFrom('asked')
    expect(frames[0]).toMatch(/^reserves /)
    expect(frames[1]).toMatch(/^placesOrder /)
    expect(frames[1]).toContain(lineOf('awaited'))
    client.release()
  })

  it('names the wrapper of a pool, and who used it', async () => {
    const database = new Database()
    async function usesWrapper() {
      return await database.client() // used the wrapper
    }
    const client = await usesWrapper()
    const frames = await stackFrom('in the wrapper')
    expect(frames[1]).toContain(lineOf('used the wrapper'))
    client.release()
  })

  it('names the line behind pool.query, while it runs', async () => {
    const pool = pooled()
    async function asks() {
      await pool.query(SLEEP) // by query
    }
    const asked = asks()
    await endsAfter(stackFrom('by query'), asked)
  })

  it('names the line that began a transaction of Knex', async () => {
    const db = watchKnex(knex({ client: 'pg', connection: server.url }), options())
    endings.push(() => db.destroy())
    async function beginsInKnex() {
      return await db.transaction() // by Knex
    }
    const transaction = await beginsInKnex()
    await stackFrom('by Knex')
    await transaction.rollback()
  })

  it('names the line that awaited a query of Knex', async () => {
    const db = watchKnex(knex({ client: 'pg', connection: server.url }), options())
    endings.push(() => db.destroy())
    async function asksKnex() {
      await db.select(db.raw('pg_sleep(600)')) // by a builder of Knex
    }
    const asked = asksKnex()
    await endsAfter(stackFrom('by a builder of Knex'), asked)
  })

  it('names the line that called a model or began a transaction of Sequelize', async () => {
    const db = watchSequelize(new Sequelize(server.url, { logging: false }), options())
    endings.push(() => db.close())
    const Item = db.define('item', { name: DataTypes.STRING }, { timestamps: false })
    await Item.sync()
    async function beginsInSequelize() {
      return await db.transaction() // by Sequelize
    }
    const transaction = await beginsInSequelize()
    await stackFrom('by Sequelize')
    await transaction.rollback()
    async function findsItems() {
      await Item.findAll({ attributes: [[db.literal('pg_sleep(600)'), 'slept']], where: {} }) // by a model
    }
    await Item.create({ name: 'one' })
    const found = findsItems()
    await endsAfter(stackFrom('by a model'), found)
  })
})
