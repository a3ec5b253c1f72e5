import { flush, unwatch, watch } from '@poolscope/probe/mongodb'
import { eventually, type MongoStandIn, startMongoStandIn } from '@poolscope/testkit'
import { MongoClient, type MongoClientOptions } from 'mongodb'
import mongoose, { Mongoose } from 'mongoose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { delivered, FakeAgent } from './agent.ts'
import { gatedFind, type Orders, urlOf } from './mongodb.fixture.ts'
import { totalsOf } from './network.fixture.ts'

let agent: FakeAgent
let standIn: MongoStandIn
let cleanups: (() => unknown)[] = []

beforeEach(async () => {
  agent = await FakeAgent.start()
  standIn = await startMongoStandIn()
  cleanups = []
})
afterEach(async () => {
  for (const clean of cleanups.toReversed()) await clean()
  await flush()
  expect(agent.invalid).toEqual([])
  await standIn.stop()
  await agent.stop()
})

const here = () => urlOf(standIn, null)
const orders = (client: MongoClient): Orders => client.db('shop').collection('orders')

function connect(url = here(), options: MongoClientOptions = {}, name = 'p'): MongoClient {
  const client = watch(new MongoClient(url, options), { url: agent.url, name, stackEvery: 1 })
  cleanups.push(() => client.close())
  return client
}

async function now(name = 'p') {
  await delivered(flush)
  return agent.pool(name)
}

describe(watch, () => {
  it('reports what the options of a client say, and where it leads', async () => {
    const options = { maxPoolSize: 7, minPoolSize: 0, waitQueueTimeoutMS: 900, maxIdleTimeMS: 60_000 }
    const client = connect(here(), options)
    await orders(client).findOne({}, { comment: '' })
    expect(await now()).toMatchObject({
      system: 'mongodb',
      target: { host: standIn.host, port: standIn.port, database: 'shop', user: null },
      max: 7,
      min: 0,
      acquireTimeoutMs: 900,
      idleTimeoutMs: 60_000,
    })
  })

  it('takes the name of the database where it is given none', async () => {
    const client = watch(new MongoClient(here()), { url: agent.url })
    cleanups.push(() => client.close())
    await orders(client).findOne({}, { comment: '' })
    expect((await now('shop')).inUse).toBe(0)
  })

  it('names the code that awaits an answer', async () => {
    const client = connect(here(), { maxPoolSize: 2 })
    const gate = standIn.gate()
    async function findsInTheTest() {
      return await client.db('shop').collection('orders').findOne({}, { comment: gate.comment })
    }
    const found = findsInTheTest()
    await eventually(() => gate.connectionId !== null)
    const { holders } = await now()
    expect(holders).toHaveLength(1)
    expect(holders[0]?.stack?.[0]).toContain('findsInTheTest')
    expect(holders[0]?.stack?.join('\n')).not.toMatch(/node_modules|node:/)
    gate.open()
    await found
  })

  it('says nothing of code that it cannot see', async () => {
    const client = connect()
    const hold = await gatedFind(standIn, orders(client))
    // Whoever asked went on without waiting for the answer: nothing leads back to them.
    expect((await now()).holders).toMatchObject([{ stack: null, sessionPid: hold.sessionPid }])
    await hold.release()
  })

  it('has a pool for each member of a replica set, and lets go of one that leaves', async () => {
    const other = await startMongoStandIn()
    cleanups.push(() => other.stop())
    const hosts = [standIn.address, other.address]
    for (const one of [standIn, other]) one.replicaSet = { name: 'rs', hosts }
    const options = { minPoolSize: 1, heartbeatFrequencyMS: 500 }
    connect(`mongodb://${hosts.join(',')}/shop?replicaSet=rs`, options)
      .connect()
      .catch(() => {})
    for (const { address, port } of [standIn, other]) {
      const report = await eventually(async () => {
        const found = await now(`p ${address}`)
        return found.idle >= 1 && found
      })
      expect(report.target.port).toBe(port)
    }
    standIn.replicaSet = { name: 'rs', hosts: [standIn.address] }
    const last = await eventually(async () => {
      const found = await now(`p ${other.address}`)
      return found.ended && found
    })
    expect(last).toMatchObject({ inUse: 0, idle: 0, connecting: 0 })
  })

  it('counts a connection that is being opened as neither idle nor in use', async () => {
    const client = connect()
    const hold = await gatedFind(standIn, orders(client))
    standIn.mute = true
    const found = orders(client)
      .findOne({}, { comment: '' })
      .catch(() => 'failed')
    const report = await eventually(async () => {
      const one = await now()
      return one.connecting === 1 && one
    })
    expect(report).toMatchObject({ inUse: 1, idle: 0, connecting: 1, waiting: 1 })
    for (const connection of standIn.connections.values()) if (connection.muted) void connection.end()
    standIn.mute = false
    await found
    await hold.release()
    await eventually(async () => {
      const { connecting, waiting } = await now()
      return connecting === 0 && waiting === 0
    })
  })

  it('lets callers go whose signal was aborted, without counting a failure', async () => {
    const client = connect(here(), { maxPoolSize: 1 })
    const hold = await gatedFind(standIn, orders(client))
    const leaving = new AbortController()
    const left = client
      .db('shop')
      .collection('orders')
      .findOne({}, { signal: leaving.signal })
      .catch((error: Error) => error.name)
    await eventually(async () => (await now()).waiting === 1)
    leaving.abort()
    expect(await left).toBe('AbortError')
    await hold.release()
    await eventually(async () => (await now()).waiting === 0)
    await eventually(() => totalsOf(agent, 'p').checkouts === 1)
    expect(totalsOf(agent, 'p')).toMatchObject({ timeouts: 0, errors: 0 })
  })

  it('tells who waited how long apart, whoever is served first', async () => {
    const client = connect(here(), { maxPoolSize: 3 })
    const holds = [await gatedFind(standIn, orders(client))]
    standIn.mute = true
    const unlucky = orders(client)
      .findOne({}, { comment: '' })
      .catch(() => 'failed')
    const muted = () => [...standIn.connections.values()].filter((one) => one.muted)
    await eventually(() => muted().length === 1)
    const agedMs = 150
    const { oldestWaitMs: beforeMs } = await now()
    await eventually(async () => Number((await now()).oldestWaitMs) > Number(beforeMs) + agedMs)
    const { waitMs } = totalsOf(agent, 'p')
    standIn.mute = false
    // Its connection is opened at once, while the other caller's still is not.
    holds.push(await gatedFind(standIn, orders(client)))
    const { waiting, oldestWaitMs } = await now()
    expect(waiting).toBe(1)
    // However slow this was: who still waits began so much earlier than who was served.
    const servedMs = totalsOf(agent, 'p').waitMs - waitMs
    expect(oldestWaitMs).toBeGreaterThan(servedMs + agedMs)
    for (const connection of muted()) void connection.end()
    await unlucky
    for (const hold of holds) await hold.release()
    await eventually(async () => (await now()).waiting === 0)
  })

  it('counts connections that break', async () => {
    const client = connect(here(), { maxPoolSize: 3 })
    const holds = await Promise.all([0, 1].map(() => gatedFind(standIn, orders(client))))
    for (const hold of holds) await hold.release()
    await eventually(async () => (await now()).idle === 2)
    await standIn.stopServer()
    await eventually(() => client.close().then(() => true))
    const totals = totalsOf(agent, 'p')
    await flush()
    expect(totalsOf(agent, 'p').destroyed).toBe(totals.created)
  })

  it('goes on under the same name when a client connects again', async () => {
    const client = connect()
    await orders(client).findOne({}, { comment: '' })
    const before = totalsOf(agent, 'p').created
    await client.close()
    await eventually(async () => (await now()).ended)
    // The driver asks whether the server is there, over a connection of the pool.
    await client.connect()
    await orders(client).findOne({}, { comment: '' })
    const { ended, idle } = await now()
    expect({ ended, idle }).toEqual({ ended: false, idle: 1 })
    expect(totalsOf(agent, 'p').created).toBeGreaterThan(before)
  })

  it('follows a Mongoose that is not connected yet', async () => {
    const own = new Mongoose()
    expect(watch(own, { url: agent.url, name: 'default' })).toBe(own)
    await own.connect(here())
    cleanups.push(() => own.disconnect())
    await own.connection.collection('orders').findOne({})
    const totals = await eventually(async () => {
      await flush()
      const found = totalsOf(agent, 'default')
      // One of them is Mongoose's own, to see that the server is there.
      return found.checkouts === 2 && found
    })
    expect(totals).toMatchObject({ waits: 2, created: 1 })
  })

  it('names the code that awaits a Mongoose model', async () => {
    const connection = mongoose.createConnection(here(), {
      maxPoolSize: 1,
      autoIndex: false,
      autoCreate: false,
    })
    cleanups.push(() => connection.close())
    watch(connection, { url: agent.url, name: 'model', stackEvery: 1 })
    const Order = connection.model('Order', new mongoose.Schema({ n: Number }))
    await connection.asPromise()
    const gate = standIn.gate()
    async function asksTheModel() {
      return await Order.findOne({}, null, { comment: gate.comment }).exec()
    }
    const found = asksTheModel()
    await eventually(() => gate.connectionId !== null)
    const { holders } = await now('model')
    expect(holders[0]?.stack?.join('\n')).toContain('asksTheModel')
    gate.open()
    await found
    unwatch(connection)
  })
})
