import type { PoolTarget } from '@poolscope/protocol'
import { PoolMeter } from '../core/meter.ts'
import type { PoolAdapter, PoolView } from '../core/pool-adapter.ts'
import { quietly } from '../core/replace.ts'
import { timeoutMs, whole } from '../core/values.ts'
import { type AgentSocket, HELD, type Held, type HttpAgent, type Place } from './shape.ts'

const MOST_KEYS = 1000

/** The sockets that an agent has to one place. */
export class SocketPool {
  readonly meter: PoolMeter
  readonly #open = new Set<AgentSocket>()
  /** What the agent calls the place: with TLS, one place may have several names, each with sockets of its own. */
  readonly #keys = new Set<string>()
  constructor(
    name: string,
    stackEvery: number,
    agent: HttpAgent,
    target: PoolTarget,
    onReport: (empty: boolean) => void,
  ) {
    const adapter = new AgentAdapter(agent, target, () => {
      onReport(this.#isEmpty())
      return { idle: this.#idle(), keys: this.#keys.size }
    })
    this.meter = new PoolMeter(name, adapter, stackEvery)
  }

  /** A socket begins to open. */
  open(socket: AgentSocket, place: Place): void {
    const slot = this.meter.opening({})
    this.#keep(socket, { pool: this, slot })
    if (typeof place._agentKey === 'string' && this.#keys.size < MOST_KEYS) this.#keys.add(place._agentKey)
    const opened = () =>
      quietly(() => {
        if (slot.state !== 'connecting') return
        this.meter.opened(slot)
        this.#open.add(socket)
      })
    socket.once(socket.encrypted === true ? 'secureConnect' : 'connect', opened)
    if (!isConnecting(socket)) opened()
  }

  /** A socket that was open before it was seen. */
  adopt(socket: AgentSocket, inUse: boolean): Held {
    this.#open.add(socket)
    return this.#keep(socket, { pool: this, slot: this.meter.adopt({}, inUse) })
  }

  /** Whoever held it is done with it. */
  release(socket: AgentSocket): void {
    const slot = socket[HELD]?.slot
    if (slot?.state === 'inUse') this.meter.returned(slot)
  }

  #keep(socket: AgentSocket, held: Held): Held {
    const { slot } = held
    Object.defineProperty(socket, HELD, { value: held, configurable: true })
    const gone = () =>
      quietly(() => {
        this.release(socket)
        this.#open.delete(socket)
        if (slot.state === 'connecting') this.meter.openFailed(slot)
        else this.meter.closed(slot)
      })
    socket.once('close', gone)
    // It was given away for good, to a WebSocket or a tunnel: it counts no more towards the agent's limit.
    socket.once('agentRemove', gone)
    return held
  }

  #idle(): number {
    let idle = 0
    for (const socket of this.#open) {
      if (socket[HELD]?.slot.state === 'returned' && !socket.destroyed) idle++
    }
    return idle
  }

  #isEmpty(): boolean {
    const { meter } = this
    return this.#open.size === 0 && meter.waiting === 0 && meter.connecting === 0
  }
}

export function isConnecting(socket: AgentSocket): boolean {
  return socket.connecting === true || socket.secureConnecting === true
}

/** What the meter asks about an agent. Holds it weakly: an agent that its owner forgot is not kept. */
class AgentAdapter implements PoolAdapter {
  readonly system = 'http'
  readonly #agent: WeakRef<HttpAgent>
  readonly #target: PoolTarget
  readonly #counts: () => { idle: number; keys: number }

  constructor(agent: HttpAgent, target: PoolTarget, counts: () => { idle: number; keys: number }) {
    this.#agent = new WeakRef(agent)
    this.#target = target
    this.#counts = counts
  }

  view(): PoolView | null {
    const agent = this.#agent.deref()
    if (agent === undefined) return null
    const { idle, keys } = this.#counts()
    const total = agent.maxTotalSockets ?? Number.POSITIVE_INFINITY
    return {
      // Without a limit it is infinite, which is to say not known.
      max: whole(Math.min(agent.maxSockets * Math.max(1, keys), total)),
      min: null,
      acquireTimeoutMs: null,
      idleTimeoutMs: timeoutMs(agent.options.timeout),
      idle,
      target: this.#target,
    }
  }

  sessionPid(): null {
    return null
  }
}
