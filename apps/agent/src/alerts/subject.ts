import type { GroupNow, ServerNow, SubjectKind } from '@poolscope/protocol'

/** What an alert is about. */
export type Subject = {
  kind: SubjectKind
  id: string
  name: string
  /** The servers it leads to, those behind a pooler included; of a server itself and those behind it. */
  serverIds: readonly string[]
}

/** A pool group as a subject. */
export function groupSubject(group: GroupNow, server: ServerNow | null): Subject {
  const serverIds = group.serverId === null ? [] : [group.serverId, ...(server?.upstreamIds ?? [])]
  return { kind: 'group', id: group.id, name: `${group.service} / ${group.name}`, serverIds }
}

/** A server as a subject. */
export function serverSubject(server: ServerNow): Subject {
  return { kind: 'server', id: server.id, name: server.name, serverIds: [server.id, ...server.upstreamIds] }
}

/** Whether what befalls one may be why the other suffers: the same, or a pool and a server that it leads to. */
export function areRelated(a: Subject, b: Subject): boolean {
  if (a.id === b.id) return true
  if (a.kind === 'server') return b.serverIds.includes(a.id)
  return b.kind === 'server' && a.serverIds.includes(b.id)
}
