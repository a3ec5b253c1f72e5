import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Fleet } from '@poolscope/protocol'
import { eventually, postgresVersions } from '@poolscope/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningAgent } from '../src/start-agent.ts'
import { startWatchingAgent } from './watching-agent.ts'

const APP = fileURLToPath(new URL('./python/pool.py', import.meta.url))

/** A Python that has SQLAlchemy and psycopg2; the system's own first. */
function python(): string {
  for (const candidate of ['/usr/bin/python3', 'python3']) {
    if (spawnSync(candidate, ['-c', 'import sqlalchemy, psycopg2']).status === 0) return candidate
  }
  throw new Error('No python3 has sqlalchemy and psycopg2; "npm test" says how to get them.')
}

describe('an application in Python, without a probe', () => {
  const [version] = postgresVersions()
  let stop: (() => Promise<void>)[] = []
  let agent: RunningAgent
  let child: ChildProcess

  beforeAll(async () => {
    const server = await version.start()
    agent = await startWatchingAgent([server.url])
    const url = server.url.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:')
    child = spawn(python(), [APP], {
      env: { ...process.env, DATABASE_URL: url, APP_NAME: 'invoices-py' },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    stop = [
      async () => {
        child.kill('SIGKILL')
        await once(child, 'exit')
      },
      () => agent.close(),
      () => server.stop(),
    ]
  })
  afterAll(async () => {
    for (const end of stop) await end()
  })

  it('is a row under its application name with what its sessions do', async () => {
    if (child.stdin === null || child.stdout === null) throw new TypeError('no pipes')
    const said = once(createInterface(child.stdout), 'line')
    child.stdin.write(`${JSON.stringify({ use: 2, transaction: 1, idle: 3 })}\n`)
    await said
    const { pools, servers } = await eventually(
      async () => {
        const fleet = (await (await fetch(`${agent.url}/api/v1/fleet`)).json()) as Fleet
        const pool = fleet.pools.find(({ service }) => service === 'invoices-py')
        if (pool?.inUse !== 3 || pool.idle !== 3) throw new Error(JSON.stringify(pool))
        return fleet
      },
      { timeoutMs: 45_000 },
    )
    const pool = pools.find(({ service }) => service === 'invoices-py')
    // A server cannot tell what a pool may grow to, nor who waits inside the application.
    expect(pool).toMatchObject({ origin: 'observed', max: null, waiting: null, serverId: servers[0]?.id })
    expect(servers[0]?.connections).toMatchObject({ active: 2, idleInTransaction: 1, idle: 3 })
    const sessions = await (await fetch(`${agent.url}/api/v1/servers/${servers[0]?.id}/sessions`)).json()
    expect(sessions.byApplication).toContainEqual({
      key: 'invoices-py',
      active: 2,
      idle: 3,
      idleInTransaction: 1,
      other: 0,
      total: 6,
    })
  })
})
