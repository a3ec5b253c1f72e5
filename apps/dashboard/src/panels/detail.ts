import type { GroupMessage, ServerMessage } from '@poolscope/protocol'
import { useMemo } from 'react'
import type { ApiError } from '../api/api-error.ts'
import { useGroupQuery, useHoldersQuery, useServerQuery, useSessionsQuery } from '../api/queries.ts'
import { follow, type Moving, useMoving } from '../lib/moving.ts'
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
export type GroupDetail = Omit<GroupMessage, 'group'> & { group: NonNullable<GroupMessage['group']> }

const knownOf = (message: GroupMessage | undefined): GroupDetail | null => {
  const has = (known: GroupMessage): known is GroupDetail => known.group !== null
  return message !== undefined && has(message) ? message : null
}

/** Renders again when there begins to be something known, or the group is gone: not with each message about it. */
export function useGroupDetail(id: string): Detail<Moving<GroupDetail>> {
  const live = useGroup(id)
  const heard = useMoving(live, (message) => (message === undefined ? null : message.group !== null))
  const enabled = heard === null
  const detail = useGroupQuery(id, { enabled })
  const holders = useHoldersQuery(id, { enabled })
  const asked = useMemo<GroupDetail | null>(
    () =>
      detail.data === undefined || holders.data === undefined
        ? null
        : { type: 'group', id, sequence: 0, atMs: holders.data.atMs, ...detail.data, holders: holders.data },
    [id, detail.data, holders.data],
  )
  const value = useMemo(() => {
    const first = heard ? knownOf(live.now) : asked
    return first === null ? null : lastKnown(live, first)
  }, [live, heard, asked])
  if (heard === false) return { state: 'gone' }
  return unless([detail, holders], () => value)
}

/** What a group was last known to be: between its going and the page that says so, something may still be drawn. */
function lastKnown(live: Moving<GroupMessage | undefined>, first: GroupDetail): Moving<GroupDetail> {
  let last = first
  return follow(live, (message) => {
    last = knownOf(message) ?? last
    return last
  })
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
