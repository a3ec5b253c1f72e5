import type { AlertCounts, GroupMessage, ServerMessage } from '@poolscope/protocol'
import { createContext, use, useEffect, useMemo } from 'react'
import type { Moving } from '../lib/moving.ts'
import { useExternal } from '../lib/use-external.ts'
import type { FleetView } from './fleet-view.ts'
import type { ConnectionState } from './live-connection.ts'
import type { LiveStore } from './live-store.ts'

export type { FleetView } from './fleet-view.ts'
export type { ConnectionState } from './live-connection.ts'

/** The store that the hooks below read; {@link LiveProvider} sets it. */
export const LiveContext = createContext<LiveStore | null>(null)

/** The live store, for what draws by itself. @throws Error outside of a LiveProvider */
export function useLiveStore(): LiveStore {
  const store = use(LiveContext)
  if (store === null) throw new Error('There is no LiveProvider above this component.')
  return store
}

/** How the page stands to the agent; renders again when that changes. */
export function useConnection(): ConnectionState {
  const store = useLiveStore()
  return useExternal(store.subscribeStatus, () => store.connection)
}

/** The phase alone: renders again when that changes, and not with each message. */
export function usePhase(): ConnectionState['phase'] {
  const store = useLiveStore()
  return useExternal(store.subscribeStatus, () => store.connection.phase)
}

/** Whether the agent replays a recording, which has no sessions, statements and holders; false without a store. */
export function useIsRecorded(): boolean {
  return use(LiveContext)?.isRecorded === true
}

/** The fleet as of the newest tick; renders again once a tick. */
export function useFleet(): FleetView {
  const store = useLiveStore()
  return useExternal(store.subscribe, () => store.view)
}

/** One thing about the fleet as of the newest tick; renders again only when that changes. */
export function useFleetFact<T>(read: (fleet: FleetView) => T): T {
  const store = useLiveStore()
  return useExternal(store.subscribe, () => read(store.view))
}

/** How many alerts there are; null while the page does not hear from the agent: what is old is no count. */
export function useAlertCounts(): AlertCounts | null {
  const fleet = useFleet()
  return usePhase() === 'live' ? fleet.alerts : null
}

/** The newest detail of a pool group, received while mounted; undefined before the first message. Renders nothing by itself. */
export function useGroup(id: string): Moving<GroupMessage | undefined> {
  const store = useLiveStore()
  const topic = `group:${id}`
  useEffect(() => store.watchTopic(topic), [store, topic])
  return useMemo(
    () => ({
      get now() {
        const message = store.detail(topic)
        return message?.type === 'group' ? message : undefined
      },
      onChange: store.subscribe,
    }),
    [store, topic],
  )
}

/** The newest detail of a server, received while mounted; undefined before the first message. Renders again with each. */
export function useServer(id: string): ServerMessage | undefined {
  const store = useLiveStore()
  const topic = `server:${id}`
  useEffect(() => store.watchTopic(topic), [store, topic])
  const message = useExternal(store.subscribe, () => store.detail(topic))
  return message?.type === 'server' ? message : undefined
}

/** Whether the page stands still and by how much it is behind, and what changes that. */
export function usePause(): { paused: boolean; behindMs: number; pause: () => void; resume: () => void } {
  const store = useLiveStore()
  const paused = useExternal(store.subscribeStatus, () => store.paused)
  const behindMs = useExternal(store.subscribeStatus, () => store.behindMs)
  return useMemo(
    () => ({ paused, behindMs, pause: () => store.pause(), resume: () => store.resume() }),
    [store, paused, behindMs],
  )
}

/** Connects now rather than when the waiting time is over. */
export function useRetry(): () => void {
  const store = useLiveStore()
  return useMemo(() => () => store.retryNow(), [store])
}
