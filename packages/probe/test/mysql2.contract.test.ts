import { flush, unwatch, watch } from '@poolscope/probe/mysql2'
import * as mysql from 'mysql2'
import * as mysqlBefore from 'mysql2-2'
import { type MysqlForTest, startMysqlForTest } from './mysql2.fixture.ts'
import { type PoolWish, type ProbeDriver, probeContract } from './probe-contract.ts'

let server: MysqlForTest

const common = {
  system: 'mysql',
  folder: 'mysql2',
  facts: {
    max: 4,
    keepsIdle: true,
    queues: true,
    timeouts: false,
    connecting: true,
    creates: true,
    refused: 'errors',
    ends: true,
    stacks: true,
    adopts: true,
  },
  startServer: async () => {
    server = await startMysqlForTest()
    return server
  },
  watch,
  unwatch,
  flush,
} as const

const settings = ({ max, at }: PoolWish) => {
  const { host, port, user, password, database } = server
  return { host, port, user, password, database, ...at, connectionLimit: max }
}

const script = (driver: string) => () =>
  `
  const { createPool } = require('${driver}')
  const settings = ${JSON.stringify({ ...settings({ max: 2, acquireTimeoutMs: null, at: null }) })}
  const pool = watch(createPool(settings), { name: 'p' })
  await pool.promise().query('SELECT 1')
  await pool.promise().end()
`

for (const [name, driver, { createPool }] of [
  ['mysql2 3', 'mysql2', mysql],
  ['mysql2 2', 'mysql2-2', mysqlBefore as unknown as typeof mysql],
] as const) {
  probeContract<mysql.Pool>({
    ...common,
    name,
    createPool: (wish) => createPool(settings(wish)),
    checkOut: (pool) =>
      new Promise((resolve, reject) =>
        pool.getConnection((error, connection) => {
          if (error) reject(error)
          else resolve({ release: () => connection.release(), sessionPid: connection.threadId })
        }),
      ),
    endPool: (pool) => new Promise<void>((resolve) => pool.end(() => resolve())),
    script: script(driver),
  } satisfies ProbeDriver<mysql.Pool>)
}

type PromisePool = ReturnType<mysql.Pool['promise']>

probeContract<PromisePool>({
  ...common,
  name: 'mysql2 3 by promises',
  createPool: (wish) => mysql.createPool(settings(wish)).promise(),
  checkOut: async (pool) => {
    const connection = await pool.getConnection()
    return { release: () => connection.release(), sessionPid: connection.threadId }
  },
  endPool: (pool) => pool.end(),
  script: script('mysql2'),
})
