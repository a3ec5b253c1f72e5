import type { PoolTarget } from '@poolscope/protocol'
import { port, text } from '../core/values.ts'

/** The library's states of a channel. */
export const STATE = { idle: 0, connecting: 1, ready: 2, failing: 3, shutDown: 4 } as const
/** The library's codes of a call's end, those that the probe tells apart. */
export const CODE = { ok: 0, cancelled: 1, deadlineExceeded: 4, unavailable: 14 } as const

export type Status = { readonly code?: unknown }

/** What the library tells of a call. */
export type CallListener = object & {
  onReceiveMetadata(metadata: unknown): void
  onReceiveMessage(message: unknown): void
  onReceiveStatus(status: Status): void
}

/** The part of a call that the probe touches. */
export type GrpcCall = object & { start(metadata: unknown, listener: CallListener): void }

/** The part of `@grpc/grpc-js`'s channel that the probe touches; all of it is the library's documented interface. */
export type Channel = object & {
  getTarget(): string
  getConnectivityState(tryToConnect: boolean): number
  watchConnectivityState(state: number, deadline: number, callback: (error?: Error) => void): void
  createCall(method: string, ...rest: unknown[]): GrpcCall
}

/** The channel itself, or that of a client; `null` for anything else. */
export function channelOf(thing: object): Channel | null {
  const { getChannel } = thing as { getChannel?: unknown }
  const channel: unknown = typeof getChannel === 'function' ? getChannel.call(thing) : thing
  if (typeof channel !== 'object' || channel === null) return null
  const it = channel as Partial<Record<keyof Channel, unknown>>
  const parts = [it.getTarget, it.getConnectivityState, it.watchConnectivityState, it.createCall]
  return parts.every((part) => typeof part === 'function') ? (channel as Channel) : null
}

/** Where a channel leads, such as `dns:api.example.com:443`, or the first of several addresses. */
export function targetOf(target: string): PoolTarget {
  const nowhere = { database: null, user: null }
  const socket = /^unix(?:-abstract)?:(?:\/\/)?(.+)$/.exec(target)?.[1]
  if (socket !== undefined) return { host: text(socket, 255), port: null, ...nowhere }
  const address = target.replace(/^[a-z][a-z0-9+.-]*:(?=\D|\d+\.)(?:\/\/[^/]*\/)?/i, '').split(',')[0] ?? ''
  const parts = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(address)
  if (parts === null) return { host: text(address, 255), port: null, ...nowhere }
  return { host: text(parts[1] ?? parts[2], 255), port: port(parts[3]), ...nowhere }
}
