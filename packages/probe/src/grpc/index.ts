import { poolName, stackEvery, type WatchOptions } from '../core/identity.ts'
import { ownMethod, quietly, replace, undoAll } from '../core/replace.ts'
import { flush } from '../core/reporter.ts'
import { captureStack } from '../core/stack.ts'
import { unwatch as unwatchThing, watchOnce } from '../core/watch-once.ts'
import { type Call, ChannelPool } from './channel-pool.ts'
import { type CallListener, type Channel, channelOf, type GrpcCall } from './shape.ts'

export type { WatchOptions }
export { flush }

/**
 * Measures the channel of an `@grpc/grpc-js` client, or a channel itself, from now on and reports it to the agent once
 * a second: its calls as a pool of streams. To be called before its first call: those that are on their way are not
 * seen. A second call for the same channel changes nothing.
 * @returns the same client. It is left alone when it has no such channel, or measuring is switched off. Never throws.
 * @example const orders = watch(new OrdersClient(address, credentials), { name: 'orders' })
 */
export function watch<C extends object>(client: C, options: WatchOptions = {}): C {
  quietly(() => {
    const channel = channelOf(client)
    if (channel === null) return
    watchOnce(channel, options, (reporter, onFault) => {
      const name = poolName(options, 'grpc')
      const pool = new ChannelPool(name, stackEvery(options), channel, reporter)
      const undos = [() => reporter.end(pool.meter)]
      undos.push(
        replace(channel, 'createCall', measuredCreateCall(ownMethod(channel, 'createCall'), pool, onFault)),
      )
      return () => undoAll(undos)
    })
  })
  return client
}

/** Measures a channel no more, and leaves it as it was. Never throws. */
export function unwatch(client: object): void {
  quietly(() => unwatchThing(channelOf(client) ?? client))
}

/**
 * A channel's `createCall`, through which every call goes, past all interceptors.
 * @param own the method that the channel itself had instead of its class's
 */
function measuredCreateCall(
  own: Channel['createCall'] | undefined,
  pool: ChannelPool,
  onFault: () => void,
): Channel['createCall'] {
  return function createCall(this: Channel, method, ...rest) {
    const original = own ?? (Object.getPrototypeOf(this) as Channel).createCall
    const stack = pool.meter.sampler.next() ? captureStack(createCall) : null
    const call = original.call(this, method, ...rest)
    try {
      if (!pool.meter.ended) call.start = measuredStart(call.start, pool, stack, onFault)
    } catch {
      onFault()
    }
    return call
  }
}

function measuredStart(
  original: GrpcCall['start'],
  pool: ChannelPool,
  stack: object | null,
  onFault: () => void,
): GrpcCall['start'] {
  return function start(this: GrpcCall, metadata, listener) {
    let told = listener
    try {
      told = heard(listener, pool, pool.call(stack))
    } catch {
      onFault()
    }
    return original.call(this, metadata, told)
  }
}

/** A listener that notices how the call ends. */
function heard(listener: CallListener, pool: ChannelPool, call: Call): CallListener {
  return {
    onReceiveMetadata: (metadata) => listener.onReceiveMetadata(metadata),
    onReceiveMessage: (message) => listener.onReceiveMessage(message),
    onReceiveStatus: (status) => {
      quietly(() => pool.finish(call, status))
      listener.onReceiveStatus(status)
    },
  }
}
