import { PoolMeter } from '../core/meter.ts'
import type { PoolAdapter, PoolView } from '../core/pool-adapter.ts'
import { quietly } from '../core/replace.ts'
import type { Reporter } from '../core/reporter.ts'
import type { Slot } from '../core/slot.ts'
import { type Channel, CODE, STATE, type Status, targetOf } from './shape.ts'

/** The calls of a channel, each on a stream of its own, and the channel's connection. */
export class ChannelPool {
  readonly meter: PoolMeter
  readonly #channel: Channel
  readonly #reporter: Reporter
  readonly #waiting = new Set<Call>()
  #connection: Slot | null = null
  #state: number

  constructor(name: string, stackEvery: number, channel: Channel, reporter: Reporter) {
    const idle = () => (this.#connection?.state === 'returned' && this.meter.inUse === 0 ? 1 : 0)
    this.meter = new PoolMeter(name, new ChannelAdapter(channel, idle), stackEvery)
    this.#channel = channel
    this.#reporter = reporter
    this.#state = channel.getConnectivityState(false)
    if (this.#state === STATE.connecting) this.#connection = this.meter.opening({})
    if (this.#state === STATE.ready) this.#connection = this.meter.adopt({}, false)
    reporter.add(this.meter)
    this.#follow()
  }

  /** A call begins. */
  call(stack: object | null): Call {
    const call = new Call(this.meter, stack)
    if (this.#channel.getConnectivityState(false) === STATE.ready) call.serve()
    else {
      this.#waiting.add(call)
      this.meter.queued(0)
    }
    return call
  }

  finish(call: Call, status: Status): void {
    this.#waiting.delete(call)
    call.finish(status.code)
  }

  /** Waits for the channel's next state, which keeps no process alive. */
  #follow(): void {
    if (this.#state === STATE.shutDown) return
    this.#channel.watchConnectivityState(this.#state, Number.POSITIVE_INFINITY, () =>
      quietly(() => {
        if (this.meter.ended) return
        this.#changed(this.#channel.getConnectivityState(false))
        this.#follow()
      }),
    )
  }

  #changed(state: number): void {
    this.#state = state
    const connection = this.#connection
    if (state === STATE.ready) {
      const slot = connection ?? this.meter.opening({})
      this.#connection = slot
      this.meter.opened(slot)
      this.meter.returned(slot)
      for (const call of this.#waiting) call.serve()
      this.#waiting.clear()
      return
    }
    if (connection?.state === 'connecting') this.meter.openFailed(connection)
    else if (connection !== null) this.meter.closed(connection)
    this.#connection = state === STATE.connecting ? this.meter.opening({}) : null
    if (state === STATE.shutDown) this.#reporter.end(this.meter)
  }
}

/** One call, from its start to its status. */
export class Call {
  readonly #meter: PoolMeter
  #ticket: number | null
  #stream: Slot | null = null

  constructor(meter: PoolMeter, stack: object | null) {
    this.#meter = meter
    this.#ticket = meter.asked(stack)
  }

  /** There is a connection for it. */
  serve(): void {
    if (this.#ticket === null) return
    this.#stream = this.#meter.adopt({}, false)
    this.#meter.served(this.#ticket, this.#stream)
    this.#ticket = null
  }

  finish(code: unknown): void {
    const timedOut = code === CODE.deadlineExceeded
    const ticket = this.#ticket
    this.#ticket = null
    if (ticket !== null) {
      if (code === CODE.cancelled) this.#meter.withdrew(ticket)
      else this.#meter.failed(ticket, timedOut)
    }
    if (this.#stream === null) return
    this.#meter.vanished(this.#stream)
    this.#stream = null
    if (timedOut || code === CODE.unavailable) this.#meter.lost(timedOut)
  }
}

/** What the meter asks about a channel. Holds it weakly: a channel that its owner forgot is not kept. */
class ChannelAdapter implements PoolAdapter {
  readonly system = 'grpc'
  readonly #channel: WeakRef<Channel>
  readonly #idle: () => number

  constructor(channel: Channel, idle: () => number) {
    this.#channel = new WeakRef(channel)
    this.#idle = idle
  }

  view(): PoolView | null {
    const channel = this.#channel.deref()
    if (channel === undefined) return null
    return {
      // The server says how many streams it takes on one connection; the library keeps that to itself.
      max: null,
      min: null,
      acquireTimeoutMs: null,
      idleTimeoutMs: null,
      idle: this.#idle(),
      target: targetOf(channel.getTarget()),
    }
  }

  sessionPid(): null {
    return null
  }
}
