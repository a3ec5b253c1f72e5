import { Agent } from 'node:http'
import { stackEvery } from '../core/identity.ts'
import { type OriginOptions, Origins, originName, unnamed } from '../core/origins.ts'
import { ownMethod, quietly, replace, undoAll } from '../core/replace.ts'
import { flush, type Reporter } from '../core/reporter.ts'
import { port, text } from '../core/values.ts'
import { unwatch, watchOnce } from '../core/watch-once.ts'
import { measuredAddRequest, measuredReuseSocket } from './requests.ts'
import { type AgentSocket, HELD, type HttpAgent, isHttpAgent, type Place } from './shape.ts'
import { isConnecting, SocketPool } from './socket-pool.ts'

export type { OriginOptions }
export { flush, unwatch }

/**
 * Measures an `http.Agent` or `https.Agent` from now on and reports it to the agent once a second: the sockets to each
 * place as a pool named `<name> host:port`. To be called before its first use: a request that already waits is not
 * seen. A second call for the same agent changes nothing.
 * @returns the same agent. It is left alone when it is no such agent, or measuring is switched off. Never throws.
 * @example const agent = watch(new https.Agent({ keepAlive: true, maxSockets: 50 }), { name: 'payments' })
 */
export function watch<A extends object>(agent: A, options: OriginOptions = {}): A {
  watchOnce(agent, unnamed(options), (reporter, onFault) =>
    isHttpAgent(agent) ? measure(agent, options, reporter, onFault) : null,
  )
  return agent
}

function measure(
  agent: HttpAgent,
  options: OriginOptions,
  reporter: Reporter,
  onFault: () => void,
): () => void {
  const origins = new Origins<SocketPool>(reporter)
  const every = stackEvery(unnamed(options))
  const poolAt = (key: string, host: string, number: number | null) =>
    origins.of(key, (single) => {
      const place = single ? { host, port: number } : { host: null, port: null }
      return new SocketPool(
        originName(options, 'http', place.host, place.port),
        every,
        agent,
        { ...place, database: null, user: null },
        (empty) => origins.reported(key, empty),
      )
    })
  let last: { place: Place; pool: SocketPool } | null = null
  const poolOf = (given: Place) => {
    const place = placeOf(given, agent)
    // Requests often go where the one before went, and the agent's name for a place is costly to make.
    if (last !== null && !last.pool.meter.ended && isSamePlace(place, last.place)) return last.pool
    const socket = text(place.socketPath, 255)
    const host = socket ?? text(place.host, 255) ?? 'localhost'
    const pool = poolAt(agent.getName(place), host, socket === null ? port(place.port) : null)
    last = isPlain(agent) ? { place, pool } : null
    return pool
  }
  adoptSockets(agent, poolAt)
  const released = (socket: AgentSocket) => quietly(() => socket[HELD]?.pool.release(socket))
  agent.on('free', released)
  const undos = [() => agent.removeListener('free', released), () => origins.end()]
  try {
    undos.push(
      replace(agent, 'createConnection', measuredConnection(ownMethod(agent, 'createConnection'), poolOf)),
    )
    undos.push(replace(agent, 'reuseSocket', measuredReuseSocket(ownMethod(agent, 'reuseSocket'))))
    undos.push(
      replace(agent, 'addRequest', measuredAddRequest(ownMethod(agent, 'addRequest'), poolOf, onFault)),
    )
  } catch (error) {
    undoAll(undos)
    throw error
  }
  return () => undoAll(undos)
}

/**
 * What the agent names its sockets by. A request's options are many, and an `http.Agent` asks for five of them: copying
 * all would cost more than everything else that is measured of a request.
 */
function placeOf(given: Place, agent: HttpAgent): Place {
  const { options } = agent
  if (!isPlain(agent)) {
    // The agent works out a server name of its own for TLS only after it has taken the request in.
    return { ...given, ...options, servername: undefined }
  }
  return {
    host: 'host' in options ? options.host : given.host,
    port: 'port' in options ? options.port : given.port,
    localAddress: 'localAddress' in options ? options.localAddress : given.localAddress,
    family: 'family' in options ? options.family : given.family,
    socketPath: 'socketPath' in options ? options.socketPath : given.socketPath,
  }
}

function isPlain(agent: HttpAgent): boolean {
  return agent.getName === Agent.prototype.getName
}

function isSamePlace(one: Place, other: Place): boolean {
  return (
    one.host === other.host &&
    one.port === other.port &&
    one.localAddress === other.localAddress &&
    one.family === other.family &&
    one.socketPath === other.socketPath
  )
}

/** An agent's `createConnection`: a socket begins to open. */
function measuredConnection(
  own: HttpAgent['createConnection'] | undefined,
  poolOf: (place: Place) => SocketPool,
): HttpAgent['createConnection'] {
  return function createConnection(this: HttpAgent, place, ...rest) {
    const original = own ?? (Object.getPrototypeOf(this) as HttpAgent).createConnection
    const socket = original.call(this, place, ...rest)
    quietly(() => {
      if (socket !== null && socket !== undefined && socket[HELD] === undefined && isConnecting(socket)) {
        poolOf(place).open(socket, place)
      }
    })
    return socket
  }
}

/** Takes in the sockets that an agent has already. */
function adoptSockets(
  agent: HttpAgent,
  poolAt: (key: string, host: string, port: number | null) => SocketPool,
): void {
  for (const [lists, inUse] of [
    [agent.sockets, true],
    [agent.freeSockets, false],
  ] as const) {
    for (const [key, sockets = []] of Object.entries(lists)) {
      for (const socket of sockets) {
        if (socket.destroyed || isConnecting(socket)) continue
        // The agent's key begins with host and port; a host may have colons itself.
        const number = port(socket.remotePort)
        const end = key.indexOf(`:${number}:`)
        poolAt(key, end === -1 ? key : key.slice(0, end), number).adopt(socket, inUse)
      }
    }
  }
}
