import { watch } from '@poolscope/probe/mysql2'
import type { Fleet, Holder, Holders } from '@poolscope/protocol'
import { type RunningMysql, startMysqlOrMariadb } from '@poolscope/testkit'
import { createPool, type Pool, type PoolConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningAgent } from '../src/start-agent.ts'
import { startWatchingAgent } from './watching-agent.ts'

const SECRET = 'canary-literal'

let server: RunningMysql
let agent: RunningAgent
const pools: Pool[] = []
beforeAll(async () => {
  // MariaDB keeps what ran last only when told to; MySQL does so by itself.
  const consumer = 'performance-schema-consumer-events-statements-current'
  server = await startMysqlOrMariadb({ settings: { [consumer]: 'ON' } })
  await server.ask('CREATE DATABASE shop')
  await server.ask('CREATE TABLE shop.stock (id int PRIMARY KEY, note text) ENGINE=InnoDB')
  await server.ask("INSERT INTO shop.stock VALUES (1, '')")
  agent = await startWatchingAgent([`mariadb://root@${server.host}:${server.port}/`], {
    leakQuietMs: { '*': 1000 },
  })
})
afterAll(async () => {
  for (const pool of pools) await pool.end()
  await agent?.close()
  await server?.stop()
})

async function take(service: string): Promise<PoolConnection> {
  const { host, port } = server
  const pool = createPool({ host, port, user: 'root', database: 'shop' })
  pools.push(pool)
  return watch(pool, { service, name: 'stock', instance: 'one', url: agent.url }).getConnection()
}

async function json<Answer>(path: string): Promise<Answer> {
  return (await (await fetch(agent.url + path)).json()) as Answer
}

/** Waits until the only holder of a service is as wanted. */
async function shows(service: string, wanted: (holder: Holder) => boolean): Promise<Holder> {
  const deadline = performance.now() + 45_000
  for (;;) {
    const pool = (await json<Fleet>('/api/v1/fleet')).pools.find((one) => one.service === service)
    const [holder] =
      pool === undefined ? [] : (await json<Holders>(`/api/v1/pools/${pool.id}/holders`)).holders
    if (holder !== undefined && wanted(holder)) return holder
    if (performance.now() > deadline) throw new Error(`not within 45 s: ${JSON.stringify(holder)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

describe('what is known of a holder on MySQL or MariaDB', () => {
  it('names a leaked transaction, what it ran last, and whom it keeps waiting', async () => {
    const leak = await take('leaky')
    await leak.query('BEGIN')
    await leak.query(`UPDATE stock SET note = '${SECRET}' WHERE id = 1`)
    const waiter = await take('waits')
    const waits = waiter.query(`UPDATE stock SET note = '${SECRET} too' WHERE id = 1`)
    const blocker = await shows(
      'leaky',
      ({ suspectedSinceMs, blocks, lastStatement, locks }) =>
        suspectedSinceMs !== null &&
        blocks === 1 &&
        lastStatement !== null &&
        (locks?.listed.length ?? 0) > 0,
    )
    // What is known of the one who blocks reaches the one who is blocked at the next look.
    const blocked = await shows(
      'waits',
      ({ blockedBy, activity }) => (blockedBy?.stack ?? null) !== null && activity === 'blocked',
    )
    expect(blocker).toMatchObject({
      activity: 'idle_in_transaction',
      transaction: 'open',
      lastStatement: 'UPDATE stock SET note = ? WHERE id = ?',
      locks: {
        // MySQL tells the gap too, and the lock of the table.
        listed: expect.arrayContaining([
          {
            kind: 'record',
            mode: expect.stringMatching(/^X/),
            relation: 'shop.stock',
            granted: true,
            count: 1,
          },
        ]),
        rows: 1,
      },
    })
    expect(blocked).toMatchObject({
      suspectedSinceMs: null,
      quietMs: 0,
      blockedBy: { sessionPid: blocker.sessionPid, service: 'leaky', stack: blocker.stack },
    })
    expect(JSON.stringify([blocked, blocker])).not.toContain(SECRET)
    await leak.query('ROLLBACK')
    await waits
    leak.release()
    waiter.release()
  })
})
