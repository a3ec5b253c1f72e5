import type { Slot } from '../core/slot.ts'
import type { SocketPool } from './socket-pool.ts'

/** Where a socket keeps what is known of it. */
export const HELD: unique symbol = Symbol('poolscope.held')

export type Held = { readonly pool: SocketPool; readonly slot: Slot }

type Listener = (...args: never[]) => void

/** The part of a socket that the probe touches. */
export type AgentSocket = object & {
  [HELD]?: Held
  readonly connecting?: boolean
  /** Of TLS: the handshake is not done. */
  readonly secureConnecting?: boolean
  readonly encrypted?: boolean
  readonly destroyed: boolean
  readonly remotePort?: number
  once(event: string, listener: Listener): unknown
}

/** The part of a request that the probe touches. */
export type AgentRequest = object & {
  on(event: string | symbol, listener: Listener): unknown
}

/** Where a request goes to, as the agent is told. */
export type Place = Record<string, unknown>

type Lists<T> = Record<string, T[] | undefined>

/** The part of `http.Agent` and `https.Agent` that the probe touches. */
export type HttpAgent = object & {
  readonly options: Place
  maxSockets: number
  readonly maxTotalSockets?: number
  readonly sockets: Lists<AgentSocket>
  readonly freeSockets: Lists<AgentSocket>
  getName(place: Place): string
  addRequest(request: AgentRequest, place: Place | string, ...rest: unknown[]): unknown
  reuseSocket(socket: AgentSocket, request: AgentRequest): unknown
  createConnection(place: Place, ...rest: unknown[]): AgentSocket | undefined | null
  on(event: string, listener: Listener): unknown
  removeListener(event: string, listener: Listener): unknown
}

/** Whether an object is an agent, with all that the probe touches. */
export function isHttpAgent(thing: object): thing is HttpAgent {
  const it = thing as Partial<Record<keyof HttpAgent, unknown>>
  return (
    [it.getName, it.addRequest, it.reuseSocket, it.createConnection, it.on, it.removeListener].every(
      (part) => typeof part === 'function',
    ) &&
    [it.options, it.sockets, it.freeSockets].every((part) => typeof part === 'object' && part !== null) &&
    typeof it.maxSockets === 'number'
  )
}
