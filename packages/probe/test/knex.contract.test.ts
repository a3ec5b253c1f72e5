import { startPostgres } from '@poolscope/lab'
import { flush, unwatch, watch } from '@poolscope/probe/knex'
import { type Knex, knex } from 'knex'
import { probeContract } from './probe-contract.ts'

let url = ''

probeContract<Knex>({
  name: 'Knex 3',
  system: 'postgresql',
  folder: 'knex',
  facts: {
    max: 4,
    keepsIdle: true,
    queues: true,
    timeouts: true,
    connecting: true,
    creates: true,
    refused: 'errors',
    ends: true,
    stacks: true,
    adopts: true,
  },
  startServer: async () => {
    const server = await startPostgres()
    url = server.url
    return server
  },
  createPool: ({ max, acquireTimeoutMs, at }) =>
    knex({
      client: 'pg',
      connection: at === null ? url : `postgres://u:p@${at.host}:${at.port}/d`,
      pool: { min: 0, max },
      log: { warn: () => {} },
      ...(acquireTimeoutMs === null ? {} : { acquireConnectionTimeout: acquireTimeoutMs }),
    }),
  checkOut: async (db) => {
    const connection: { processID: number } = await db.client.acquireConnection()
    return { release: () => db.client.releaseConnection(connection), sessionPid: connection.processID }
  },
  endPool: (db) => db.destroy(),
  watch,
  unwatch,
  flush,
  script: () => `
    const { knex } = require('knex')
    const db = watch(knex({ client: 'pg', connection: '${url}', pool: { min: 0 } }), { name: 'p' })
    await db.raw('SELECT 1')
    await db.destroy()
  `,
})
