import { poolName, stackEvery, type WatchOptions } from '../core/identity.ts'
import { quietly } from '../core/replace.ts'
import { flush, type Reporter } from '../core/reporter.ts'
import { unwatch, watchOnce } from '../core/watch-once.ts'
import { measureClient, targetOf } from './client.ts'
import { isRedisClient, isRedisCluster, type RedisCluster } from './shape.ts'

export type { WatchOptions }
export { flush, unwatch }

/**
 * Measures an `ioredis` client or cluster client from now on and reports it to the agent once a second: its one
 * connection as a pool of 1, of a cluster one such pool a node, named `<name> host:port`. Commands that are already on
 * their way are not seen. A second call for the same client changes nothing.
 * @returns the same client. It is left alone when it is no `ioredis` client, or measuring is switched off. Never throws.
 * @example const redis = watch(new Redis(), { name: 'sessions' })
 */
export function watch<C extends object>(client: C, options: WatchOptions = {}): C {
  watchOnce(client, options, (reporter, onFault) => {
    if (isRedisCluster(client)) return measureCluster(client, options)
    return isRedisClient(client) ? begin(client, options, reporter, onFault) : null
  })
  return client
}

function begin(
  client: Parameters<typeof measureClient>[0],
  options: WatchOptions,
  reporter: Reporter,
  onFault: () => void,
): () => void {
  const settings = { name: poolName(options, 'redis'), stackEvery: stackEvery(options) }
  return measureClient(client, reporter, settings, onFault)
}

function measureCluster(cluster: RedisCluster, options: WatchOptions): () => void {
  const nodes = new Set<object>()
  const add = (node: unknown) =>
    quietly(() => {
      if (typeof node !== 'object' || node === null || !isRedisClient(node)) return
      const { host, port } = targetOf(node.options)
      const named = { ...options, name: `${poolName(options, 'redis')} ${host}:${port}` }
      nodes.add(node)
      watchOnce(node, named, (reporter, onFault) => begin(node, named, reporter, onFault))
    })
  const remove = (node: unknown) => {
    if (typeof node !== 'object' || node === null || !nodes.delete(node)) return
    unwatch(node)
  }
  for (const node of cluster.nodes('all')) add(node)
  cluster.on('+node', add)
  cluster.on('-node', remove)
  return () => {
    cluster.removeListener('+node', add)
    cluster.removeListener('-node', remove)
    for (const node of nodes) unwatch(node)
  }
}
