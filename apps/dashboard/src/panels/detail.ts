import type { GroupMessage, ServerMessage } from '@poolscope/protocol'
import type { ApiError } from '../api/api-error.ts'
import { useGroupQuery, useHoldersQuery, useServerQuery, useSessionsQuery } from '../api/queries.ts'
import { useGroup, useServer } from '../live/hooks.ts'

/**
 * A detail page's data: the live message, and until the first one the answer of the agent to a request,
 * so that a page paints before the socket is open. `gone` when the agent knows no such thing.
 */
export type Detail<T> =
  | { state: 'loading' }
  | { state: 'gone' }
  | { state: 'failed'; error: ApiError; retry: () => void }
  | { state: 'known'; value: T }

type Answer<T> = { data: T | undefined; error: ApiError | null; refetch: () => unknown }

function unless<T>(answers: readonly Answer<unknown>[], known: () => T | null): Detail<T> {
  const failed = answers.find((answer) => answer.error !== null)
  if (failed?.error?.code === 'not_found') return { state: 'gone' }
  const value = known()
  if (value !== null) return { state: 'known', value }
  if (failed === undefined || failed.error === null) return { state: 'loading' }
  const retry = () => {
    for (const answer of answers) answer.refetch()
  }
  return { state: 'failed', error: failed.error, retry }
}

/** A pool group, its instances and who holds its connections. */
export function useGroupDetail(
  id: string,
): Detail<Omit<GroupMessage, 'group'> & { group: NonNullable<GroupMessage['group']> }> {
  const live = useGroup(id)
  const enabled = live === undefined
  const detail = useGroupQuery(id, { enabled })
  const holders = useHoldersQuery(id, { enabled })
  if (live !== undefined) {
    const { group } = live
    return group === null ? { state: 'gone' } : { state: 'known', value: { ...live, group } }
  }
  return unless([detail, holders], () =>
    detail.data === undefined || holders.data === undefined
      ? null
      : {
          type: 'group',
          id,
          sequence: 0,
          atMs: holders.data.atMs,
          ...detail.data,
          holders: holders.data,
        },
  )
}

/** A server and its sessions. */
export function useServerDetail(
  id: string,
): Detail<Omit<ServerMessage, 'server'> & { server: NonNullable<ServerMessage['server']> }> {
  const live = useServer(id)
  const enabled = live === undefined
  const server = useServerQuery(id, { enabled })
  const sessions = useSessionsQuery(id, { enabled })
  if (live !== undefined) {
    return live.server === null
      ? { state: 'gone' }
      : { state: 'known', value: { ...live, server: live.server } }
  }
  return unless([server, sessions], () => {
    if (server.data === undefined || sessions.data === undefined) return null
    const atMs = sessions.data.atMs ?? server.data.atMs
    return {
      type: 'server',
      id,
      sequence: 0,
      atMs: atMs ?? Date.now(),
      server: server.data,
      sessions: sessions.data,
    }
  })
}
