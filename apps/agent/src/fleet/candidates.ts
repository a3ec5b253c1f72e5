import { type Place, placeOfAddress } from './addresses.ts'
import type { ServerEntry } from './server-entry.ts'

type ServerSession = NonNullable<ServerEntry['sample']>['sessions'][number]

/** A server that a pool may lead to, with its sessions by process id. */
export type Candidate = { server: ServerEntry; place: Place; sessions: Map<number, ServerSession> }

/** What is looked at again and again while pools find their servers. */
export function candidatesOf(servers: readonly ServerEntry[]): Candidate[] {
  return servers.map((server) => ({
    server,
    place: placeOfAddress(server.source.address),
    sessions: new Map(server.sample?.sessions.map((session) => [session.pid, session])),
  }))
}

/** When a session began, epoch ms by the agent's clock; a second of grace for what is rounded on the way. */
export function began({ connectedMs }: { connectedMs: number | null }, { sample }: ServerEntry): number {
  return sample === null || connectedMs === null ? 0 : sample.atMs - connectedMs - 1000
}
