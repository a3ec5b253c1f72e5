import { errorMonitor } from 'node:events'
import { quietly } from '../core/replace.ts'
import { captureStack } from '../core/stack.ts'
import { type AgentRequest, type AgentSocket, HELD, type HttpAgent, type Place } from './shape.ts'
import { isConnecting, type SocketPool } from './socket-pool.ts'

/** Finds the pool for a place. */
export type PoolOf = (place: Place) => SocketPool

/** The request that is being taken in, until it has a socket. */
type Asking = { request: AgentRequest; pool: SocketPool; stack: object | null; sinceMs: number }
let asking: Asking | null = null

/**
 * An agent's `addRequest`, through which every request of its goes.
 * @param own the method that the agent itself had instead of its class's
 */
export function measuredAddRequest(
  own: HttpAgent['addRequest'] | undefined,
  poolOf: PoolOf,
  onFault: () => void,
): HttpAgent['addRequest'] {
  return function addRequest(this: HttpAgent, request, place, ...rest) {
    const original = own ?? (Object.getPrototypeOf(this) as HttpAgent).addRequest
    const before = asking
    try {
      const pool = poolOf(typeof place === 'string' ? { host: place, port: rest[0] } : place)
      const stack = pool.meter.sampler.next() ? captureStack(addRequest) : null
      asking = { request, pool, stack, sinceMs: performance.now() }
    } catch {
      asking = null
      onFault()
    }
    try {
      return original.call(this, request, place, ...rest)
    } finally {
      try {
        if (asking !== null) new Asked(asking).listen()
      } catch {
        onFault()
      }
      asking = before
    }
  }
}

/**
 * An agent's `reuseSocket`, by which it gives an open socket to the request that it is taking in: that has it at once,
 * and nobody has to listen for it.
 */
export function measuredReuseSocket(own: HttpAgent['reuseSocket'] | undefined): HttpAgent['reuseSocket'] {
  return function reuseSocket(this: HttpAgent, socket, request) {
    const original = own ?? (Object.getPrototypeOf(this) as HttpAgent).reuseSocket
    const asked = asking
    if (asked?.request === request) {
      quietly(() => {
        const { pool, stack, sinceMs } = asked
        const { slot } = socket[HELD] ?? pool.adopt(socket, false)
        pool.meter.servedAtOnce(slot, stack, sinceMs)
        asking = null
      })
    }
    return original.call(this, socket, request)
  }
}

/** A request on its way to its socket. */
class Asked {
  readonly #request: AgentRequest
  readonly #pool: SocketPool
  #ticket: number | null
  #timedOut = false

  constructor({ request, pool, stack, sinceMs }: Asking) {
    this.#request = request
    this.#pool = pool
    this.#ticket = pool.meter.asked(stack, sinceMs)
  }

  /**
   * The agent has taken it in. It tells the request of its socket only later, so that listening begins here. The
   * listeners stay as long as the request: taking them away would cost more than they do.
   */
  listen(): void {
    const request = this.#request
    request.on('socket', (socket: AgentSocket) => {
      if (this.#ticket !== null) quietly(() => this.#assigned(socket))
    })
    request.on('close', () => {
      if (this.#ticket !== null) quietly(() => this.#gone())
    })
    request.on('timeout', () => {
      this.#timedOut = true
    })
    request.on(errorMonitor, (error: unknown) => {
      if (isTimeout(error)) this.#timedOut = true
    })
    this.#pool.meter.queued(0)
  }

  #assigned(socket: AgentSocket): void {
    if (socket[HELD] === undefined) {
      if (isConnecting(socket)) this.#pool.open(socket, {})
      else this.#pool.adopt(socket, false)
    }
    if (!isConnecting(socket)) {
      this.#serve(socket)
      return
    }
    socket.once(socket.encrypted === true ? 'secureConnect' : 'connect', () =>
      quietly(() => this.#serve(socket)),
    )
  }

  /** It ended without ever having a socket that was open. */
  #gone(): void {
    const ticket = this.#settle()
    if (ticket !== null) this.#pool.meter.failed(ticket, this.#timedOut)
  }

  #serve(socket: AgentSocket): void {
    const held = socket[HELD]
    // The socket is gone already: the request is about to hear of it.
    if (held === undefined || held.slot.state === 'gone') return
    const ticket = this.#settle()
    if (ticket !== null) this.#pool.meter.served(ticket, held.slot)
  }

  #settle(): number | null {
    const ticket = this.#ticket
    if (ticket === null) return null
    this.#ticket = null
    return ticket
  }
}

const TIMEOUTS = new Set(['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'ERR_SOCKET_CONNECTION_TIMEOUT'])

function isTimeout(error: unknown): boolean {
  const { code, name, cause } = (error ?? {}) as { code?: unknown; name?: unknown; cause?: unknown }
  if (typeof code === 'string' && TIMEOUTS.has(code)) return true
  return name === 'TimeoutError' || (cause as { name?: unknown } | undefined)?.name === 'TimeoutError'
}
