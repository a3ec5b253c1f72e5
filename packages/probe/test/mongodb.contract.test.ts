import { createRequire } from 'node:module'
import { setTimeout } from 'node:timers/promises'
import { flush, unwatch, watch } from '@poolscope/probe/mongodb'
import { type MongoStandIn, type MongoStandInOptions, startMongoStandIn } from '@poolscope/testkit'
import { MongoClient } from 'mongodb'
import { MongoClient as MongoClient6 } from 'mongodb-6'
import mongoose, { type Connection } from 'mongoose'
import { gatedFind, MONGODB_USER, type Orders, urlOf } from './mongodb.fixture.ts'
import { type PoolWish, type ProbeDriver, probeContract } from './probe-contract.ts'

/** Its types are only to be found under the name that it is not installed under here. */
const mongoose8 = createRequire(import.meta.url)('mongoose-8') as typeof mongoose

let standIn: MongoStandIn

const common = {
  system: 'mongodb',
  folder: 'mongodb',
  facts: {
    max: 4,
    keepsIdle: true,
    queues: true,
    timeouts: true,
    // A driver that cannot reach a server does not begin to ask a pool for a connection.
    connecting: false,
    refused: null,
    creates: true,
    ends: true,
    // The code that asks is seen where it awaits the answer, which this suite's callers do not.
    stacks: false,
    adopts: true,
  },
  watch,
  unwatch,
  // The driver does much before it asks its pool: a wait begins up to a few ms after its caller asked, on a busy machine.
  flush: async () => {
    await setTimeout(20)
    await flush()
  },
} as const

const settings = ({ max, acquireTimeoutMs }: PoolWish) => ({
  maxPoolSize: max,
  ...(acquireTimeoutMs === null ? {} : { waitQueueTimeoutMS: acquireTimeoutMs }),
})

/** The suite runs against a stand-in that speaks MongoDB's protocol, not against a MongoDB. */
async function start(options: MongoStandInOptions) {
  standIn = await startMongoStandIn(options)
  return standIn
}

for (const [name, module, Client] of [
  ['mongodb 7', 'mongodb', MongoClient],
  ['mongodb 6', 'mongodb-6', MongoClient6 as unknown as typeof MongoClient],
] as const) {
  probeContract<MongoClient>({
    ...common,
    name: `${name} on a stand-in`,
    startServer: () =>
      start({ users: { [MONGODB_USER.name]: { password: MONGODB_USER.password, rights: [] } } }),
    createPool: (wish) => new Client(urlOf(wish.at ?? standIn), settings(wish)),
    checkOut: (client) => gatedFind(standIn, client.db('shop').collection('orders')),
    endPool: (client) => client.close(),
    script: () => `
      const { MongoClient } = require('${module}')
      const client = watch(new MongoClient('${urlOf(standIn)}'), { name: 'p' })
      await client.db('shop').collection('orders').findOne()
      await client.close()
    `,
  } satisfies ProbeDriver<MongoClient>)
}

for (const [name, module, library] of [
  ['mongoose 9', 'mongoose', mongoose],
  ['mongoose 8', 'mongoose-8', mongoose8],
] as const) {
  probeContract<Connection>({
    ...common,
    // To be told that it is connected, Mongoose has used a connection already, before the pool is watched.
    facts: { ...common.facts, creates: false },
    name: `${name} on a stand-in`,
    startServer: () => start({}),
    createPool: (wish) =>
      library.createConnection(urlOf(wish.at ?? standIn, null), settings(wish)).asPromise(),
    checkOut: (connection) => gatedFind(standIn, connection.collection('orders') as unknown as Orders),
    endPool: (connection) => connection.close(),
    script: () => `
      const { createConnection } = require('${module}')
      const connection = watch(createConnection('${urlOf(standIn, null)}'), { name: 'p' })
      await connection.asPromise()
      await connection.collection('orders').findOne()
      await connection.close()
    `,
  } satisfies ProbeDriver<Connection>)
}
