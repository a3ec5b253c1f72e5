import { type ReactNode, useEffect } from 'react'
import { afterPaint } from '../lib/after-paint.ts'
import { formatCount } from '../lib/format.ts'
import { LiveContext } from './hooks.ts'
import type { LiveStore } from './live-store.ts'

/** Runs the store while mounted and gives it to the hooks of `live/hooks.ts`. */
export function LiveProvider({ store, children }: { store: LiveStore; children: ReactNode }) {
  useEffect(() => {
    // Data that comes at once would hold up the paint of what stands on the page without it.
    const cancel = afterPaint(() => {
      store.start()
      // The first number written loads the viewer’s locale, which is dear: done while the answer is on its way.
      formatCount(0)
    })
    return () => {
      cancel()
      store.stop()
    }
  }, [store])
  return <LiveContext value={store}>{children}</LiveContext>
}
