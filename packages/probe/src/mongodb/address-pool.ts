import { performance } from 'node:perf_hooks'
import { PoolMeter } from '../core/meter.ts'
import type { PoolAdapter, PoolView } from '../core/pool-adapter.ts'
import type { Slot } from '../core/slot.ts'
import { timeoutMs, whole } from '../core/values.ts'
import { UNTIMED } from '../core/waits.ts'
import { type Client, insideOf, type PoolInside, targetOf } from './shape.ts'

/** The driver counts in whole milliseconds: it may mean a moment that is so much earlier or later. */
const ROUNDING_MS = 2

type Lease = { id: number; sessionPid: number | null }
type Waiter = { ticket: number; sinceMs: number }

/** The driver's pool for one address, counted by what its events say. */
export class AddressPool {
  readonly meter: PoolMeter
  readonly #slots = new Map<number, Slot>()
  /** Callers that wait, those who came first at the front. */
  readonly #waiters: Waiter[] = []
  readonly #sinceMs = performance.now()

  constructor(name: string, stackEvery: number, client: Client, address: string) {
    const settle = (inside: PoolInside | null) => this.#settle(inside)
    const idle = () => this.#idle()
    this.meter = new PoolMeter(name, new AddressAdapter(client, address, { settle, idle }), stackEvery)
  }

  /** Takes in what the driver's pool has already. */
  adopt(inside: PoolInside | null): void {
    for (const { id, sessionPid } of inside?.idle ?? []) this.#adopt(id, sessionPid, false)
    for (const { id, sessionPid } of inside?.inUse ?? []) this.#adopt(id, sessionPid, true)
  }

  /** A caller asks. */
  asked(stack: object | null): void {
    this.#waiters.push({ ticket: this.meter.asked(stack), sinceMs: performance.now() })
    if (this.meter.mayPeak) this.meter.queued(Math.min(this.#idle(), this.meter.waiting))
  }

  /** A caller has its connection. */
  served(id: number, waitedMs: unknown): void {
    const slot = this.#slots.get(id) ?? this.#adopt(id, null, false)
    const waiter = this.#take(waitedMs)
    // Who waited before the pool was watched is counted, but not timed.
    if (waiter === null) this.meter.waiting++
    this.meter.served(waiter === null ? UNTIMED : waiter.ticket, slot)
  }

  failed(reason: unknown, waitedMs: unknown): void {
    const waiter = this.#take(waitedMs)
    if (waiter === null) this.meter.lost(reason === 'timeout')
    else this.meter.failed(waiter.ticket, reason === 'timeout')
  }

  returned(id: number): void {
    const slot = this.#slots.get(id)
    if (slot !== undefined) this.meter.returned(slot)
  }

  opening(id: number): void {
    const lease: Lease = { id, sessionPid: null }
    this.#slots.set(id, this.meter.opening(lease))
  }

  opened(id: number): void {
    const slot = this.#slots.get(id)
    if (slot?.state !== 'connecting') return
    this.meter.opened(slot)
    // Whoever it is opened for is told in the same moment.
    this.meter.returned(slot)
  }

  closed(id: number): void {
    const slot = this.#slots.get(id)
    if (slot === undefined) return
    this.#slots.delete(id)
    if (slot.state === 'connecting') this.meter.openFailed(slot)
    else this.meter.closed(slot)
  }

  /** The pool is shut down: who still waits gets an error. */
  end(): void {
    for (const { ticket } of this.#waiters.splice(0)) this.meter.failed(ticket, false)
    for (const id of [...this.#slots.keys()]) this.closed(id)
  }

  /** The waiter who came when the driver says that it came; `null` where that was before the pool was watched. */
  #take(waitedMs: unknown): Waiter | null {
    if (typeof waitedMs !== 'number') return this.#waiters.shift() ?? null
    const askedMs = performance.now() - waitedMs
    if (askedMs < this.#sinceMs - ROUNDING_MS) return null
    let nearest = 0
    let leastMs = Number.POSITIVE_INFINITY
    for (const [i, { sinceMs }] of this.#waiters.entries()) {
      const offMs = Math.abs(sinceMs - askedMs)
      // They came one after another: from here on they are only further away.
      if (offMs >= leastMs) break
      nearest = i
      leastMs = offMs
      // Of those who came at nearly the same moment the first is served first.
      if (offMs <= ROUNDING_MS) break
    }
    return this.#waiters.splice(nearest, 1)[0] ?? null
  }

  #adopt(id: number, sessionPid: number | null, inUse: boolean): Slot {
    const lease: Lease = { id, sessionPid }
    const slot = this.meter.adopt(lease, inUse)
    this.#slots.set(id, slot)
    return slot
  }

  /** Puts right what the driver's events leave out. */
  #settle(inside: PoolInside | null): void {
    if (inside === null) return
    for (const { id, sessionPid } of [...inside.idle, ...inside.inUse]) {
      const slot = this.#slots.get(id)
      if (slot !== undefined) (slot.connection as Lease).sessionPid = sessionPid
    }
    if (inside.connecting > 0) return
    // A connection that came when the pool had been cleared meanwhile is thrown away without a word.
    for (const [id, slot] of [...this.#slots]) if (slot.state === 'connecting') this.closed(id)
    // So does a caller leave whose signal was aborted.
    if (inside.waiting === 0) for (const { ticket } of this.#waiters.splice(0)) this.meter.withdrew(ticket)
  }

  #idle(): number {
    let idle = 0
    for (const { state } of this.#slots.values()) if (state === 'returned') idle++
    return idle
  }
}

/** What the meter asks about a pool. Holds its client weakly: one that its owner forgot is not kept. */
class AddressAdapter implements PoolAdapter {
  readonly system = 'mongodb'
  readonly #client: WeakRef<Client>
  readonly #address: string
  readonly #pool: { settle(inside: PoolInside | null): void; idle(): number }

  constructor(
    client: Client,
    address: string,
    pool: { settle(inside: PoolInside | null): void; idle(): number },
  ) {
    this.#client = new WeakRef(client)
    this.#address = address
    this.#pool = pool
  }

  view(): PoolView | null {
    const client = this.#client.deref()
    if (client === undefined) return null
    this.#pool.settle(insideOf(client, this.#address))
    const { maxPoolSize, minPoolSize, waitQueueTimeoutMS, maxIdleTimeMS } = client.options
    return {
      // Zero means without a limit to the driver.
      max: whole(maxPoolSize) || null,
      min: whole(minPoolSize),
      acquireTimeoutMs: timeoutMs(waitQueueTimeoutMS),
      idleTimeoutMs: timeoutMs(maxIdleTimeMS),
      idle: this.#pool.idle(),
      target: targetOf(this.#address, client.options),
    }
  }

  sessionPid(connection: object): number | null {
    return whole((connection as Lease).sessionPid, Number.MAX_SAFE_INTEGER)
  }
}
