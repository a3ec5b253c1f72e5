import { poolName, stackEvery, type WatchOptions } from '../core/identity.ts'
import { undoAll } from '../core/replace.ts'
import type { Reporter } from '../core/reporter.ts'
import { captureStack } from '../core/stack.ts'
import { text } from '../core/values.ts'
import { AddressPool } from './address-pool.ts'
import { addressesOf, type Client, hasSeveral, insideOf, type PoolEvent } from './shape.ts'

/** Pools that one client may have; a cluster has fewer servers. */
const MOST_POOLS = 100

/**
 * Measures a client by the events with which the driver tells what its pools do: one pool for each server.
 * @param onFault called when measuring fails
 * @returns how to end that
 */
export function measureClient(
  client: Client,
  options: WatchOptions,
  reporter: Reporter,
  onFault: () => void,
): () => void {
  const pools = new Map<string, AddressPool>()
  const ended = new Set<string>()
  const name = poolName(options, text(client.options.dbName))
  const several = hasSeveral(client.options)
  // The listeners live on the client: they must not be what keeps it.
  const weak = new WeakRef(client)
  /** A client that connects again goes on under the names that it had. */
  const names = new Map<string, string>()

  const make = (address: string): AddressPool | undefined => {
    const owner = weak.deref()
    if (owner === undefined || pools.size >= MOST_POOLS) return undefined
    const fresh = several || names.size > 0 ? `${name} ${address}`.slice(0, 200) : name
    const own = names.get(address) ?? fresh
    if (names.size < MOST_POOLS) names.set(address, own)
    const pool = new AddressPool(own, stackEvery(options), owner, address)
    pool.adopt(insideOf(owner, address))
    pools.set(address, pool)
    ended.delete(address)
    reporter.add(pool.meter)
    return pool
  }
  const end = (address: string) => {
    const pool = pools.get(address)
    pools.delete(address)
    ended.add(address)
    if (pool === undefined) return
    pool.end()
    reporter.end(pool.meter)
  }
  const poolOf = ({ address }: PoolEvent) =>
    typeof address !== 'string'
      ? undefined
      : (pools.get(address) ?? (ended.has(address) ? undefined : make(address)))
  const withId = (event: PoolEvent, act: (pool: AddressPool, id: number) => void) => {
    const pool = poolOf(event)
    if (pool !== undefined && typeof event.connectionId === 'number') act(pool, event.connectionId)
  }

  const listeners: Record<string, (event: PoolEvent) => void> = {
    connectionPoolCreated: ({ address }) => {
      if (typeof address === 'string' && !pools.has(address)) make(address)
    },
    connectionPoolClosed: ({ address }) => {
      if (typeof address === 'string') end(address)
    },
    connectionCreated: (event) => withId(event, (pool, id) => pool.opening(id)),
    connectionReady: (event) => withId(event, (pool, id) => pool.opened(id)),
    connectionClosed: (event) => withId(event, (pool, id) => pool.closed(id)),
    connectionCheckOutFailed: (event) => poolOf(event)?.failed(event.reason, event.durationMS),
    connectionCheckedOut: (event) => withId(event, (pool, id) => pool.served(id, event.durationMS)),
    connectionCheckedIn: (event) => withId(event, (pool, id) => pool.returned(id)),
  }
  const undos = Object.entries(listeners).map(([event, listener]) => {
    const quiet = guarded(listener, onFault)
    client.on(event, quiet)
    return () => client.removeListener(event, quiet)
  })
  // The one that runs for each caller has its own frame left out of the stack.
  const asked = (event: unknown) => {
    try {
      const pool = poolOf(event as PoolEvent)
      pool?.asked(pool.meter.sampler.next() ? captureStack(asked) : null)
    } catch {
      onFault()
    }
  }
  client.on('connectionCheckOutStarted', asked)
  undos.push(() => client.removeListener('connectionCheckOutStarted', asked))
  for (const address of addressesOf(client)) make(address)
  return () => {
    undoAll(undos)
    for (const { meter } of pools.values()) reporter.end(meter)
  }
}

/** The driver calls listeners while it is at work: what is thrown there would be thrown into the host. */
function guarded(listener: (event: PoolEvent) => void, onFault: () => void): (event: unknown) => void {
  return (event) => {
    try {
      listener(event as PoolEvent)
    } catch {
      onFault()
    }
  }
}
