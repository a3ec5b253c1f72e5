import type { PoolTarget } from '@poolscope/protocol'
import type { PoolAdapter, PoolView } from '../core/pool-adapter.ts'
import { quietly } from '../core/replace.ts'
import { SharedMeter } from '../core/shared-meter.ts'
import type { Slot } from '../core/slot.ts'
import { timeoutMs, whole } from '../core/values.ts'
import { type Dispatcher, type Socket, settingsOf } from './shape.ts'

/** The driver's own default. */
const KEEP_ALIVE_MS = 4000

/** The pool that each open connection belongs to. */
const pools = new WeakMap<Socket, OriginPool>()

/** The pool that a connection belongs to; `null` for one that was not seen to open. */
export function poolWith(socket: Socket): OriginPool | null {
  return pools.get(socket) ?? null
}

/** The connections that a dispatcher has to one place. */
export class OriginPool {
  readonly meter: SharedMeter
  /** `protocol://host:port`; `null` for any. */
  readonly origin: string | null
  readonly #opening: Slot[] = []
  readonly #open = new Map<Socket, Slot>()

  constructor(
    name: string,
    stackEvery: number,
    dispatcher: Dispatcher,
    origin: string | null,
    onReport: (empty: boolean) => void,
  ) {
    this.origin = origin
    const adapter = new DispatcherAdapter(dispatcher, targetOf(origin), () => {
      onReport(this.#open.size === 0 && this.meter.waiting === 0 && this.meter.connecting === 0)
      return this.#idle()
    })
    this.meter = new SharedMeter(name, adapter, stackEvery)
  }

  connecting(): void {
    this.#opening.push(this.meter.opening({}))
  }

  /** The driver does not say which of the connections that it opens this is: they are taken in turn. */
  connected(socket: Socket): void {
    const slot = this.#opening.shift()
    if (slot === undefined) return
    this.meter.opened(slot)
    // Nobody took it yet: from here on it is idle.
    this.meter.returned(slot)
    this.#keep(socket, slot)
  }

  connectFailed(): void {
    const slot = this.#opening.shift()
    if (slot !== undefined) this.meter.openFailed(slot)
  }

  /** The slot of a socket; one that was not seen to open is taken in as open. */
  slotOf(socket: Socket): Slot {
    return this.#open.get(socket) ?? this.#keep(socket, this.meter.adopt({}, false))
  }

  /** A connection is gone, or belongs to somebody else from now on. */
  remove(slot: Slot): void {
    for (const [socket, other] of this.#open) if (other === slot) this.#gone(socket, slot)
  }

  #keep(socket: Socket, slot: Slot): Slot {
    this.#open.set(socket, slot)
    pools.set(socket, this)
    socket.once('close', () => quietly(() => this.#gone(socket, slot)))
    return slot
  }

  #gone(socket: Socket, slot: Slot): void {
    this.#open.delete(socket)
    pools.delete(socket)
    while (slot.oldest !== null) this.meter.left(slot, slot.oldest)
    this.meter.closed(slot)
  }

  #idle(): number {
    let idle = 0
    for (const [socket, slot] of this.#open)
      if (slot.state === 'returned' && socket.destroyed !== true) idle++
    return idle
  }
}

function targetOf(origin: string | null): PoolTarget {
  const url = origin === null ? null : new URL(origin)
  const standard = url?.protocol === 'https:' ? 443 : 80
  return {
    host: url === null ? null : url.hostname.replace(/^\[|\]$/g, '').slice(0, 255),
    port: url === null ? null : url.port === '' ? standard : Number(url.port),
    database: null,
    user: null,
  }
}

/** What the meter asks about a dispatcher. Holds it weakly: one that its owner forgot is not kept. */
class DispatcherAdapter implements PoolAdapter {
  readonly system = 'http'
  readonly #dispatcher: WeakRef<Dispatcher>
  readonly #target: PoolTarget
  readonly #idle: () => number

  constructor(dispatcher: Dispatcher, target: PoolTarget, idle: () => number) {
    this.#dispatcher = new WeakRef(dispatcher)
    this.#target = target
    this.#idle = idle
  }

  view(): PoolView | null {
    const dispatcher = this.#dispatcher.deref()
    if (dispatcher === undefined) return null
    const { connections, keepAliveTimeout, isClient } = settingsOf(dispatcher)
    return {
      max: isClient ? 1 : whole(connections) || null,
      min: null,
      acquireTimeoutMs: null,
      idleTimeoutMs: timeoutMs(keepAliveTimeout ?? KEEP_ALIVE_MS),
      idle: this.#idle(),
      target: this.#target,
    }
  }

  sessionPid(): null {
    return null
  }
}
