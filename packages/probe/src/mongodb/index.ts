import type { WatchOptions } from '../core/identity.ts'
import { quietly } from '../core/replace.ts'
import { flush } from '../core/reporter.ts'
import { unwatch as unwatchThing, watchOnce } from '../core/watch-once.ts'
import { measureClient } from './measure-client.ts'
import { type Client, clientOf, type MongooseConnection, mongooseOf } from './shape.ts'

export type { WatchOptions }
export { flush }

/**
 * Measures a `MongoClient` of the `mongodb` driver, a Mongoose connection, or the default connection of a Mongoose, from
 * now on and reports it to the agent once a second. The driver has a pool for each server: one that leads to one server
 * is named `name`, those of a replica set `name host:port`. Connections that are open already are taken in; a wait that
 * already goes on is not timed. A second call for the same client changes nothing.
 * @returns the same thing. It is left alone when it is none of these, or measuring is switched off. Never throws.
 * @example const client = watch(new MongoClient(url, { maxPoolSize: 20 }), { name: 'orders' })
 */
export function watch<T extends object>(thing: T, options: WatchOptions = {}): T {
  quietly(() => {
    const client = clientOf(thing)
    const mongoose = client === null ? mongooseOf(thing) : null
    if (client !== null) watchClient(client, options)
    else if (mongoose !== null) watchMongoose(mongoose, options)
  })
  return thing
}

/** Measures a client or a connection no more, and leaves it as it was. Never throws. */
export function unwatch(thing: object): void {
  quietly(() => unwatchThing(clientOf(thing) ?? mongooseOf(thing) ?? thing))
}

function watchClient(client: Client, options: WatchOptions): void {
  watchOnce(client, options, (reporter, onFault) => measureClient(client, options, reporter, onFault))
}

/** A connection of Mongoose has a client once it connects, and another one when it connects anew. */
function watchMongoose(connection: MongooseConnection, options: WatchOptions): void {
  watchOnce(connection, options, () => {
    let watched: Client | null = null
    const follow = () =>
      quietly(() => {
        const client = clientOf(connection.getClient())
        if (client === null || client === watched) return
        watched = client
        watchClient(client, options)
      })
    // It says that it connects a moment before it has its client.
    const connecting = () => queueMicrotask(follow)
    connection.on('connecting', connecting)
    connection.on('connected', follow)
    follow()
    return () => {
      connection.removeListener('connecting', connecting)
      connection.removeListener('connected', follow)
      if (watched !== null) unwatchThing(watched)
    }
  })
}
