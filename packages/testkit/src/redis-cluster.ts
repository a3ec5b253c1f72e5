import { eventually } from './eventually.ts'
import { type RedisTestOptions, type RunningRedis, startRedis } from './redis.ts'

const SLOTS = 16_384

/** A real Redis Cluster whose nodes all have slots. */
export type RunningRedisCluster = {
  readonly nodes: readonly RunningRedis[]
  /**
   * Starts one more node, without slots, and waits until all know it.
   * @param prepare done with it before it meets the others
   */
  addNode(prepare?: (node: RunningRedis) => Promise<void>): Promise<RunningRedis>
  /** Makes all others forget a node. It must have no slots. */
  forget(node: RunningRedis): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts a cluster of private servers without replicas, and waits until it serves.
 * @throws Error as {@link startRedis}
 */
export async function startRedisCluster(
  size = 3,
  options: RedisTestOptions = {},
): Promise<RunningRedisCluster> {
  const nodes: RunningRedis[] = []
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()))
  }
  const start = async () => {
    const node = await startRedis({
      ...options,
      settings: { 'cluster-enabled': 'yes', 'cluster-node-timeout': '2000', ...options.settings },
    })
    nodes.push(node)
    return node
  }
  /** Waits until every node knows all of them and serves. */
  const settled = (count: number) =>
    eventually(
      async () => {
        const infos = await Promise.all(nodes.slice(0, count).map((node) => node.ask('CLUSTER', 'INFO')))
        return infos.every((info) => {
          const text = String(info)
          return text.includes('cluster_state:ok') && text.includes(`cluster_known_nodes:${count}`)
        })
      },
      { timeoutMs: 45_000 },
    )
  try {
    for (let i = 0; i < size; i++) {
      const node = await start()
      const first = Math.floor((i * SLOTS) / size)
      const last = Math.floor(((i + 1) * SLOTS) / size) - 1
      await node.ask('CLUSTER', 'ADDSLOTSRANGE', String(first), String(last))
      await node.ask('CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1))
    }
    const [first, ...others] = nodes
    for (const node of others) await first?.ask('CLUSTER', 'MEET', node.host, String(node.port))
    await settled(size)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    nodes,
    addNode: async (prepare) => {
      const node = await start()
      await prepare?.(node)
      await nodes[0]?.ask('CLUSTER', 'MEET', node.host, String(node.port))
      await settled(nodes.length)
      return node
    },
    forget: async (node) => {
      const others = nodes.filter((other) => other !== node)
      const lines = String(await others[0]?.ask('CLUSTER', 'NODES')).split('\n')
      // It may have been stopped, so that the others have to say what they know it by.
      const id = lines.find((line) => line.includes(`:${node.port}@`))?.split(' ')[0] ?? ''
      await Promise.all(others.map((other) => other.ask('CLUSTER', 'FORGET', id)))
    },
    stop,
  }
}
