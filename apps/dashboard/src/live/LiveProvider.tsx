import { type ReactNode, useEffect } from 'react'
import { LiveContext } from './hooks.ts'
import type { LiveStore } from './live-store.ts'

/** Runs the store while mounted and gives it to the hooks of `live/hooks.ts`. */
export function LiveProvider({ store, children }: { store: LiveStore; children: ReactNode }) {
  useEffect(() => {
    store.start()
    return () => store.stop()
  }, [store])
  return <LiveContext value={store}>{children}</LiveContext>
}
