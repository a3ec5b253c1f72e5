import { startPostgres } from '@poolscope/lab'
import { flush, unwatch, watch } from '@poolscope/probe/pg'
import { Pool } from 'pg'
import { probeContract } from './probe-contract.ts'

let url = ''

probeContract<Pool>({
  name: 'pg 8',
  system: 'postgresql',
  folder: 'pg',
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
  createPool: ({ max, acquireTimeoutMs, at }) => {
    const connectionString = at === null ? url : `postgres://u:p@${at.host}:${at.port}/d?connect_timeout=5`
    const pool = new Pool({ connectionString, max, connectionTimeoutMillis: acquireTimeoutMs ?? 0 })
    return pool.on('error', () => {})
  },
  checkOut: async (pool) => {
    const client = await pool.connect()
    const { processID } = client as unknown as { processID: number }
    return { release: () => client.release(), sessionPid: processID }
  },
  endPool: (pool) => pool.end(),
  watch,
  unwatch,
  flush,
  script: () => `
    const { Pool } = require('pg')
    const pool = watch(new Pool({ connectionString: '${url}' }), { name: 'p' })
    await pool.query('SELECT 1')
    await pool.end()
    watch(new Pool(), { name: 'idle' })
  `,
})
