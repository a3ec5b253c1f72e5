import { startPostgres } from '@poolscope/lab'
import { flush, unwatch, watch } from '@poolscope/probe/sequelize'
import { type Options, Sequelize } from 'sequelize'
import { probeContract } from './probe-contract.ts'
import { connectionsOf } from './sequelize.fixture.ts'

let url = ''

probeContract<Sequelize>({
  name: 'Sequelize 6',
  system: 'postgresql',
  folder: 'sequelize',
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
    new Sequelize(at === null ? url : `postgres://u:p@${at.host}:${at.port}/d`, {
      logging: false,
      // Else it opens a connection of its own beside the pool to ask for the version.
      databaseVersion: '15.0.0',
      pool: { max, ...(acquireTimeoutMs === null ? {} : { acquire: acquireTimeoutMs }) },
    } as Options),
  checkOut: async (db) => {
    const manager = connectionsOf(db)
    const connection = await manager.getConnection()
    return { release: () => manager.releaseConnection(connection), sessionPid: connection.processID }
  },
  endPool: (db) => db.close(),
  watch,
  unwatch,
  flush,
  script: () => `
    const { Sequelize } = require('sequelize')
    const db = watch(new Sequelize('${url}', { logging: false }), { name: 'p' })
    await db.query('SELECT 1')
    await db.close()
  `,
})
