import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { quietly } from '../core/replace.ts'
import type { Call } from './dispatch.ts'
import type { OriginPool } from './origin-pool.ts'
import { originOf, type Socket } from './shape.ts'

/** What the driver's channels say, as far as the probe reads it. */
type Message = {
  connectParams?: { protocol?: unknown; host?: unknown }
  connector?: unknown
  socket?: Socket
}

/**
 * Which connections belong to which pool. The driver's channels name the function that opens a connection, which the
 * clients of one pool share; whose it is shows when it is first called, while the pool takes in a request.
 */
class Connections {
  /** The pool whose request is being taken in. */
  dispatching: OriginPool | null = null
  /** The request that was just given a connection; which one, the channel says next. */
  starting: Call | null = null
  readonly #byConnector = new WeakMap<object, Map<string, OriginPool>>()
  #users = 0

  /** Listens as long as anybody needs it. Answers how to end that. */
  use(): () => void {
    if (this.#users++ === 0) for (const [name, listener] of this.#listeners) subscribe(name, listener)
    let used = true
    return () => {
      if (!used) return
      used = false
      if (--this.#users === 0) for (const [name, listener] of this.#listeners) unsubscribe(name, listener)
    }
  }

  readonly #listeners: [string, (message: unknown) => void][] = [
    ['undici:client:beforeConnect', quiet((message) => this.#poolOf(message)?.connecting())],
    [
      'undici:client:connected',
      quiet((message) => {
        if (message.socket !== undefined) this.#poolOf(message)?.connected(message.socket)
      }),
    ],
    ['undici:client:connectError', quiet((message) => this.#poolOf(message)?.connectFailed())],
    [
      'undici:client:sendHeaders',
      quiet(({ socket }) => {
        const call = this.starting
        this.starting = null
        if (call !== null && socket !== undefined) call.sent(socket)
      }),
    ],
  ]

  #poolOf({ connectParams, connector }: Message): OriginPool | null {
    if (typeof connector !== 'function') return null
    const origin = originOf(`${connectParams?.protocol}//${connectParams?.host}`) ?? ''
    const known = this.#byConnector.get(connector)
    const pool = known?.get(origin)
    if (pool !== undefined && !pool.meter.ended) return pool
    const { dispatching } = this
    if (dispatching === null || (dispatching.origin ?? origin) !== origin) return null
    if (known === undefined) this.#byConnector.set(connector, new Map([[origin, dispatching]]))
    else known.set(origin, dispatching)
    return dispatching
  }
}

function quiet(listener: (message: Message) => void): (message: unknown) => void {
  return (message) => quietly(() => listener(message as Message))
}

export const connections = new Connections()
