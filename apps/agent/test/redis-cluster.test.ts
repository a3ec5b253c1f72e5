import type { Fleet } from '@poolscope/protocol'
import {
  addRedisUsers,
  eventually,
  PASSWORD_CANARY,
  type RunningRedisCluster,
  startRedisCluster,
} from '@poolscope/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningAgent } from '../src/start-agent.ts'
import { startWatchingAgent } from './watching-agent.ts'

let cluster: RunningRedisCluster
let agent: RunningAgent
beforeAll(async () => {
  cluster = await startRedisCluster()
  await Promise.all(cluster.nodes.map(addRedisUsers))
  const [first] = cluster.nodes
  agent = await startWatchingAgent([`redis://watcher:${PASSWORD_CANARY}@localhost:${first?.port}`])
})
afterAll(async () => {
  await agent?.close()
  await cluster?.stop()
})

async function servers(): Promise<Fleet['servers']> {
  const answer = await fetch(`${agent.url}/api/v1/fleet`)
  const text = await answer.text()
  expect(text).not.toContain(PASSWORD_CANARY)
  return (JSON.parse(text) as Fleet).servers
}

describe('a cluster', () => {
  it('shows one row for each node from one URL', async () => {
    const ports = cluster.nodes.map(({ port }) => port)
    await eventually(async () => {
      const rows = await servers()
      expect(rows.map(({ address, state }) => `${address} ${state}`).sort()).toEqual(
        [`localhost:${ports[0]} up`, `127.0.0.1:${ports[1]} up`, `127.0.0.1:${ports[2]} up`].sort(),
      )
      for (const { details, connections, maxConnections, reservedConnections } of rows) {
        const words = details.find(({ title }) => title === 'Cluster')?.details
        expect(words?.find(({ name }) => name === 'cluster_state')?.value).toBe('ok')
        expect(connections).toMatchObject({ total: 1, other: 1 })
        expect(maxConnections).toBe(10_000)
        // Each node talks to the two others, over a connection each way.
        expect(reservedConnections).toBe(4)
      }
    })
  })

  it('follows nodes that join and leave', async () => {
    const node = await cluster.addNode(addRedisUsers)
    const address = `127.0.0.1:${node.port}`
    const stateOfIt = async () => (await servers()).find((row) => row.address === address)?.state
    const patience = { timeoutMs: 45_000 }
    await eventually(async () => (await stateOfIt()) === 'up', patience)
    await node.stopServer()
    await eventually(async () => (await stateOfIt()) === 'unreachable', patience)
    await cluster.forget(node)
    await eventually(async () => (await stateOfIt()) === undefined, patience)
    expect(await servers()).toHaveLength(3)
  })
})
